/* The clients: one process that holds N sockets, counts the frames that come and knows when the last one did.

   One order a line on stdin, one JSON object on stdout for each; a BLOB is a file of bytes, of a four-byte
   big-endian size before each item where there are several:
     open PORT SOCKETS REQUEST-BLOB HELLOS-BLOB   all are upgraded, and each has said its hello if there are any
     settle MILLISECONDS                          nothing came for so long
     fire EXPECT MILLISECONDS MESSAGES-BLOB       the first client says them; so many frames came to all together */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 65536
#define ABREAST 64

struct half { /* A frame of which not every byte has come. */
    uint64_t skip;
    int have, text;
    unsigned char head[10];
};
static struct half halves[MOST];
static int first = -1, polling;

static void die(const char *why) {
    perror(why);
    exit(1);
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static char *blob(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*size + 1);
    if (!data || fread(data, 1, *size, file) != *size) die(path);
    fclose(file);
    return data;
}

static void say(int fd, const char *data, size_t size) {
    while (size) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0) die("send");
        data += sent;
        size -= (size_t)sent;
    }
}

/* The text frames whose last byte is in the data. */
static long feed(struct half *half, const unsigned char *data, size_t size) {
    long done = 0;
    for (size_t at = 0; at < size;) {
        if (half->skip) {
            uint64_t step = half->skip < size - at ? half->skip : size - at;
            half->skip -= step;
            at += step;
            done += !half->skip && half->text;
            continue;
        }
        half->head[half->have++] = data[at++];
        int code = half->have > 1 ? half->head[1] & 127 : 0;
        int whole = code == 127 ? 10 : code == 126 ? 4 : 2;
        if (half->have < whole) continue;
        uint64_t length = code < 126 ? (uint64_t)code : 0;
        for (int i = 2; i < whole; i++) length = length << 8 | half->head[i];
        half->text = half->head[0] == 0x81;
        half->have = 0;
        half->skip = length;
        done += !length && half->text;
    }
    return done;
}

static int dial(int port, const char *request, size_t size) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || fd >= MOST || connect(fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    say(fd, request, size);
    return fd;
}

/* Reads the head of the answer; what came with it is counted. */
static void upgraded(int fd) {
    char answer[16384];
    size_t have = 0;
    for (char *end = NULL; !end;) {
        ssize_t size = recv(fd, answer + have, sizeof answer - have - 1, 0);
        if (size <= 0) die("upgrade");
        answer[have += (size_t)size] = 0;
        if ((end = strstr(answer, "\r\n\r\n"))) {
            if (strncmp(answer, "HTTP/1.1 101", 12)) {
                fprintf(stderr, "%s", answer);
                exit(1);
            }
            memset(&halves[fd], 0, sizeof halves[fd]);
            feed(&halves[fd], (unsigned char *)end + 4, have - (size_t)(end + 4 - answer));
        }
    }
}

static void open_all(int port, int sockets, const char *request_path, const char *hellos_path) {
    size_t size, hellos_size, said = 0;
    char *request = blob(request_path, &size), *hellos = blob(hellos_path, &hellos_size);
    double start = now();
    for (int done = 0; done < sockets;) {
        int batch[ABREAST], n = 0;
        while (n < ABREAST && done + n < sockets) batch[n++] = dial(port, request, size);
        for (int i = 0; i < n; i++, done++) {
            struct epoll_event wish = {.events = EPOLLIN, .data.fd = batch[i]};
            upgraded(batch[i]);
            if (said < hellos_size) {
                uint32_t length;
                memcpy(&length, hellos + said, 4);
                say(batch[i], hellos + said + 4, ntohl(length));
                said += 4 + ntohl(length);
            }
            epoll_ctl(polling, EPOLL_CTL_ADD, batch[i], &wish);
            if (first < 0) first = batch[i];
        }
    }
    printf("{\"seconds\": %.9f}\n", now() - start);
    free(request);
    free(hellos);
}

/* What the next batch of events brings, or -1 if none comes in time. */
static long hear(int milliseconds) {
    static unsigned char data[1 << 18];
    static struct epoll_event ready[512];
    long frames = 0;
    int n = epoll_wait(polling, ready, 512, milliseconds);
    if (n == 0) return -1;
    for (int i = 0; i < n; i++) {
        ssize_t size = recv(ready[i].data.fd, data, sizeof data, MSG_DONTWAIT);
        if (size < 0 && errno == EAGAIN) continue;
        if (size <= 0) die("the server closed a connection");
        frames += feed(&halves[ready[i].data.fd], data, (size_t)size);
    }
    return frames;
}

static void fire(long expect, int milliseconds, const char *path) {
    size_t size;
    char *messages = blob(path, &size);
    long frames = 0, more;
    double start = now();
    say(first, messages, size);
    while (frames < expect) {
        if ((more = hear(milliseconds)) < 0) {
            fprintf(stderr, "%ld of %ld frames came\n", frames, expect);
            exit(1);
        }
        frames += more;
    }
    printf("{\"seconds\": %.9f, \"frames\": %ld}\n", now() - start, frames);
    free(messages);
}

int main(void) {
    struct rlimit files;
    char line[4096], one[1024], two[1024];
    int port, number;
    long expect, frames, more;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    polling = epoll_create1(0);
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "open %d %d %1023s %1023s", &port, &number, one, two) == 4) {
            open_all(port, number, one, two);
        } else if (sscanf(line, "settle %d", &number) == 1) {
            for (frames = 0; (more = hear(number)) >= 0;) frames += more;
            printf("{\"frames\": %ld}\n", frames);
        } else if (sscanf(line, "fire %ld %d %1023s", &expect, &number, one) == 3) {
            fire(expect, number, one);
        } else {
            die("no such order");
        }
        fflush(stdout);
    }
}
