/* The bare loop that all else is measured against: epoll, one ready-made frame, one send a recipient.

   It answers every upgrade with the same words (the receiver does not check the key), and a text message
   with a number K in it is the order to send the frame K times to everybody.
   Usage: bare FRAME-FILE */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536

static const char ANSWER[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n";

static int everybody[MOST], people;
static char upgraded[MOST];
static char frame[1 << 16];
static size_t frame_size;

static int send_all(int fd, const char *data, size_t size) {
    while (size) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            data += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {fd, POLLOUT, 0};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

static void leave(int fd) {
    for (int i = 0; i < people; i++)
        if (everybody[i] == fd) everybody[i--] = everybody[--people];
    upgraded[fd] = 0;
    close(fd);
}

/* A masked text message of less than 126 bytes; anything else is no order. */
static int order(const unsigned char *data, ssize_t size) {
    char number[126] = {0};
    int length = size >= 6 ? data[1] & 127 : 126;
    if (data[0] != 0x81 || length > 125 || size < 6 + length) return 0;
    for (int i = 0; i < length; i++) number[i] = (char)(data[6 + i] ^ data[2 + i % 4]);
    return atoi(number);
}

static void hear(int fd) {
    unsigned char data[65536];
    ssize_t size = recv(fd, data, sizeof data, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
        leave(fd);
    } else if (!upgraded[fd]) {
        upgraded[fd] = 1;
        everybody[people++] = fd;
        send_all(fd, ANSWER, sizeof ANSWER - 1);
    } else {
        for (int times = order(data, size); times > 0; times--)
            for (int i = 0; i < people; i++) send_all(everybody[i], frame, frame_size);
    }
}

static int listening(void) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) || listen(fd, 4096)) exit(1);
    getsockname(fd, (struct sockaddr *)&at, &size);
    printf("{\"url\":\"http://127.0.0.1:%d\"}\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

int main(int count, char **words) {
    FILE *file = count > 1 ? fopen(words[1], "rb") : NULL;
    if (!file) return 2;
    frame_size = fread(frame, 1, sizeof frame, file);
    fclose(file);
    int door = listening(), epoll = epoll_create1(0), on = 1;
    struct epoll_event wish = {.events = EPOLLIN, .data.fd = door}, ready[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, door, &wish);
    for (;;) {
        int n = epoll_wait(epoll, ready, 256, -1);
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (fd != door) {
                hear(fd);
            } else if ((fd = accept(door, NULL, NULL)) >= 0) {
                if (fd >= MOST) {
                    close(fd);
                    continue;
                }
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                wish.data.fd = fd;
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wish);
            }
        }
    }
}
