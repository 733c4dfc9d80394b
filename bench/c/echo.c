// A bare echo: each datagram goes back to where it came from. Prints its port.
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  if (bind(fd, (struct sockaddr *)&at, length) || getsockname(fd, (struct sockaddr *)&at, &length)) return 1;
  printf("%u\n", ntohs(at.sin_port));
  fflush(stdout);
  for (;;) {
    char bytes[4096];
    struct sockaddr_in from;
    length = sizeof from;
    ssize_t got = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length);
    if (got >= 0) sendto(fd, bytes, (size_t)got, 0, (struct sockaddr *)&from, length);
  }
}
