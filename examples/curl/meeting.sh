#!/bin/sh
# A whole meeting by HTTP alone: POSIX sh and curl. The people are held by the server, so nobody needs a socket.
# It starts from MEETINGSIM_URL and MEETINGSIM_ADMIN_TOKEN, and ends with 1 if anything is not as it should be.
set -u
api=${MEETINGSIM_URL:-http://127.0.0.1:8765}/api/v1
admin=${MEETINGSIM_ADMIN_TOKEN:?is not set: it stands in the line that the server wrote when it started}
failed=0

# call TOKEN METHOD PATH [BODY]: the answer is in $answer, its status in $status
call() {
    answer=$(curl -sS -w '\n%{http_code}' -X "$2" "$api$3" -H "Authorization: Bearer $1" \
        -H 'Content-Type: application/json' ${4:+-d "$4"})
    status=$(printf '%s\n' "$answer" | tail -n 1)
    answer=$(printf '%s\n' "$answer" | sed '$d')
}

# field NAME: the first value of that name in $answer
field() {
    printf '%s' "$answer" | tr ',{[' '\n\n\n' | sed -n "s/^\"$1\":\"\{0,1\}\([^\"}]*\).*/\1/p" | head -n 1
}

# expect WHAT STATUS [TEXT...]: the last answer has this status and has each of these texts in it
expect() {
    what=$1 wanted=$2 wrong=
    shift 2
    [ "$status" = "$wanted" ] || wrong="status $status instead of $wanted"
    for text; do
        case $answer in
        *"$text"*) ;;
        *) wrong="$wrong${wrong:+; }no $text" ;;
        esac
    done
    verdict "$what" "$wrong"
}

# never WHAT TEXT...: the last answer has none of these texts in it
never() {
    what=$1 wrong=
    [ "$status" = 200 ] || wrong="status $status"
    shift
    for text; do
        case $answer in
        *"$text"*) wrong="$wrong${wrong:+; }there is $text" ;;
        esac
    done
    verdict "$what" "$wrong"
}

verdict() {
    if [ -z "$2" ]; then
        echo "PASS  $1"
    else
        echo "FAIL  $1: $2"
        echo "      $answer"
        failed=$((failed + 1))
    fi
}

control() { call "$host" POST "/meetings/$id/controls/$1" "${2:-{\}}"; }
person() { call "$admin" POST "/meetings/$id/people/$1/commands/$2" "${3:-{\}}"; }
frames() { call "$admin" GET "/meetings/$id/people/$1/frames"; }
come() { call "$admin" POST "/meetings/$id/people" "$1"; }

call "$admin" POST /meetings '{"topic": "Class 6", "settings": {"waiting_room": {"title": "One moment, please"}}}'
expect "a meeting is made" 201 '"status":"scheduled"'
id=$(field id) host=$(field host_token)
control start
expect "it starts without anybody in it" 200 '"type":"started"'

come '{"name": "Mia", "country": "BR", "device": "Mia laptop"}'
expect "Mia waits" 201 '"place":"waiting"'
mia=$(field participant)
control waiting_room_chat "{\"text\": \"Who are you?\", \"to\": \"$mia\"}"
expect "the host writes to her" 200 '"type":"waiting_room_message"'
person "$mia" waiting_room_chat '{"text": "Mia, from class 6"}'
expect "she answers" 200 '"seq":'
frames "$mia"
expect "she has read it" 200 '"text":"Who are you?"'
never "nothing else was told to her outside" '"participants":' '"country":' '"passcode":'
control admit "{\"participant\": \"$mia\"}"
expect "she is let in" 200 '"type":"admitted"'

control set_region_rule '{"mode": "deny", "countries": ["KP"], "unknown": "allow"}'
expect "the region rule is set" 200 '"type":"region_rule_set"'
come '{"name": "Kim", "country": "KP"}'
expect "Kim is refused by it" 201 '"participant":null' '"code":"region_blocked"'

control set_waiting_room '{"enabled": false}'
expect "the door is open" 200 '"type":"waiting_room_set"'
come '{"name": "offensive-name-1", "country": "DE", "device": "a laptop"}'
expect "a raider comes in" 201 '"place":"inside"'
raider=$(field participant)
person "$raider" start_share
expect "he shares" 200 '"seq":'
control suspend
expect "a suspend stops him" 200 '"type":"suspended"' "{\"participant\":\"$raider\",\"activities\":[\"share\"]}"
person "$mia" chat '{"text": "What happened?"}'
expect "nobody writes now" 403 '"code":"suspended"'
come '{"name": "Late", "country": "FR"}'
expect "nobody comes now" 201 '"code":"locked"'

control remove "{\"participant\": \"$raider\", \"report\": {\"issue\": \"meeting_disruption\"}}"
expect "he is removed, and reported" 200 '"type":"removed"' '"report":'
person "$raider" chat '{"text": "offensive-text-1"}'
expect "he can do nothing more" 409 '"code":"not_inside"'
control unlock
expect "the lock is off" 200 '"type":"unlocked"'
come '{"name": "Somebody else", "country": "DE", "device": "a laptop"}'
expect "he may not return by another name" 201 '"code":"removed"'
control allow '{"activity": "chat", "allowed": true}'
person "$mia" chat '{"text": "Good riddance"}'
expect "Mia writes again" 200 '"seq":'

call "$admin" GET "/meetings/$id/events?type=entry_refused"
expect "the journal says why each was refused" 200 '"rule":"region_blocked"' '"rule":"locked"' '"rule":"removed"'
call "$admin" GET /reports
expect "Trust & Safety has the report" 200 "\"subjects\":" '"issue":"meeting_disruption"' "$id"
control end
expect "the meeting ends" 200 '"type":"ended"'
come '{"name": "Late", "country": "FR"}'
expect "and stays ended" 201 '"code":"ended"'

[ "$failed" = 0 ] || { echo "$failed failed"; exit 1; }
