/*
 * The clients of "./bench server": connections to 127.0.0.1, one after the other, with OpenSSL's libssl.
 *
 *   tls-load PORT HOST 1.2|1.3 newest|longest [GROUPS]
 *
 * Reads commands from standard input, one a line, and answers each with one line:
 *
 *   full N      N full handshakes                                       ok N <ticket bytes>
 *   resumed N   N resumed handshakes; a full one before if need be      ok N <ticket bytes>
 *   keep N      N full handshakes more, whose connections stay open     ok N <ticket bytes>
 *   drop 0      closes those                                            ok 0 <ticket bytes>
 *
 * Each connection sends one GET, with "Connection: close" where it does not stay open, and reads the whole answer. A connection
 * that was not made as asked, or whose answer is not 200, ends the program with a message.
 *
 * A server may send several tickets. "newest" keeps the last, as clients do; "longest" keeps the longest of one connection.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static SSL_CTX *context;
static SSL_SESSION *session; /* the one to offer next */
static int longest;
static size_t ticket_bytes;
static int fresh; /* whether this connection has brought one */
static struct sockaddr_in address;
static const char *host;
static char request[512];
static char first_request[512];
static char answer[16384];
static SSL **kept;
static int kept_count;

static void fail(const char *what)
{
    fprintf(stderr, "tls-load: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static size_t ticket_length(const SSL_SESSION *of)
{
    const unsigned char *ticket;
    size_t length = 0;
    SSL_SESSION_get0_ticket(of, &ticket, &length);
    return length;
}

static int on_session(SSL *ssl, SSL_SESSION *received)
{
    if (SSL_version(ssl) == TLS1_2_VERSION)
        return 0;
    size_t length = ticket_length(received);
    if (longest && fresh && length <= ticket_bytes)
        return 0;
    SSL_SESSION_free(session);
    session = received;
    ticket_bytes = length;
    fresh = 1;
    return 1;
}

static int tcp_connect(void)
{
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
    {
        perror("tls-load: connect");
        exit(1);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static SSL *handshake(int resume)
{
    int fd = tcp_connect();
    SSL *ssl = SSL_new(context);
    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1 || SSL_set_tlsext_host_name(ssl, host) != 1)
        fail("no connection");
    if (resume && SSL_set_session(ssl, session) != 1)
        fail("the session cannot be offered");
    fresh = 0;
    if (SSL_connect(ssl) != 1)
        fail("the handshake failed");
    if (SSL_version(ssl) == TLS1_2_VERSION)
    {
        /* Of a ticket that is renewed by a resumption, OpenSSL tells by on_session in TLS 1.3 only; and voids the one before. */
        SSL_SESSION_free(session);
        session = SSL_get1_session(ssl);
        ticket_bytes = ticket_length(session);
    }
    if (SSL_session_reused(ssl) != resume)
        fail(resume ? "a handshake that should have been resumed was full" : "a handshake that should have been full was resumed");
    return ssl;
}

static void ask(SSL *ssl, const char *text)
{
    int length = (int)strlen(text);
    if (SSL_write(ssl, text, length) != length)
        fail("the request could not be sent");
}

static void end(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
    ERR_clear_error();
}

static void connection(int resume)
{
    SSL *ssl = handshake(resume);
    ask(ssl, request);
    int got = 0;
    for (;;)
    {
        int n = SSL_read(ssl, answer + got, (int)sizeof answer - 1 - got);
        if (n <= 0)
            break;
        got += n;
        if (got == (int)sizeof answer - 1)
            fail("the answer is too long");
    }
    answer[got] = '\0';
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0)
        fail(got == 0 ? "no answer" : answer);
    end(ssl);
}

/* Whether the answer is all there: its header, and as much more as that says. */
static int complete(int got)
{
    answer[got] = '\0';
    const char *body = strstr(answer, "\r\n\r\n");
    const char *length = strcasestr(answer, "\r\nContent-Length:");
    return body != NULL && length != NULL && got - (body + 4 - answer) >= atoi(length + 17);
}

static void keep(int count)
{
    kept = realloc(kept, sizeof *kept * (size_t)(kept_count + count));
    if (kept == NULL)
        fail("no memory");
    for (int i = 0; i < count; i++)
    {
        SSL *ssl = handshake(0);
        ask(ssl, first_request);
        int got = 0;
        while (!complete(got))
        {
            int n = SSL_read(ssl, answer + got, (int)sizeof answer - 1 - got);
            if (n <= 0)
                fail("no answer on a connection that is to stay open");
            got += n;
        }
        kept[kept_count++] = ssl;
    }
}

static void drop(void)
{
    while (kept_count > 0)
        end(kept[--kept_count]);
}

static void allow_many_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
    {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int main(int argc, char **argv)
{
    if (argc < 5)
        fail("usage: tls-load PORT HOST 1.2|1.3 newest|longest [GROUPS]");
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(argv[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    host = argv[2];
    int version = strcmp(argv[3], "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    longest = strcmp(argv[4], "longest") == 0;
    snprintf(request, sizeof request, "GET /favicon.ico HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
    snprintf(first_request, sizeof first_request, "GET /favicon.ico HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    allow_many_files();

    context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_set_min_proto_version(context, version) != 1 || SSL_CTX_set_max_proto_version(context, version) != 1)
        fail("no context");
    if (argc > 5 && SSL_CTX_set1_groups_list(context, argv[5]) != 1)
        fail("unknown groups");
    /* What is measured is the server: it is not asked who it is. */
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_session);

    char command[64];
    while (fgets(command, sizeof command, stdin) != NULL)
    {
        int resume = strncmp(command, "resumed ", 8) == 0;
        int count = atoi(command + (resume ? 8 : 5));
        int keeps = strncmp(command, "keep ", 5) == 0;
        int drops = strncmp(command, "drop ", 5) == 0;
        if (count < 0 || (!resume && !keeps && !drops && strncmp(command, "full ", 5) != 0))
            fail("unknown command");
        if (resume && session == NULL)
        {
            connection(0);
            if (session == NULL)
                fail("the server gave no session");
        }
        if (keeps)
            keep(count);
        else if (drops)
            drop();
        else
            for (int i = 0; i < count; i++)
                connection(resume);
        printf("ok %d %zu\n", count, ticket_bytes);
        fflush(stdout);
    }
    return 0;
}
