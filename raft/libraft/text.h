/* Lines of JSON for protocol 1 (raft/pipe/PROTOCOL.md): texts that grow, and a reader of
 * questions, whose keys come in a fixed order and without blanks. */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what)
{
    fprintf(stderr, "adapter: %s\n", what);
    exit(70);
}

struct text
{
    char *bytes;
    size_t len, size;
};

static void room(struct text *t, size_t n)
{
    if (t->len + n + 1 > t->size) {
        t->size = 2 * (t->len + n + 1);
        t->bytes = realloc(t->bytes, t->size);
        if (t->bytes == NULL) die("out of memory");
    }
}

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    room(t, (size_t)n);
    va_start(args, format);
    vsnprintf(t->bytes + t->len, (size_t)n + 1, format, args);
    va_end(args);
    t->len += (size_t)n;
}

/* next starts another element of a list. */
static void next(struct text *list)
{
    if (list->len > 0) add(list, ",");
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_base64(struct text *t, const void *data, size_t n)
{
    const unsigned char *b = data;
    room(t, n / 3 * 4 + 8);
    char *to = t->bytes + t->len;
    *to++ = '"';
    for (size_t i = 0; i < n; i += 3) {
        unsigned bits = (unsigned)b[i] << 16;
        if (i + 1 < n) bits |= (unsigned)b[i + 1] << 8;
        if (i + 2 < n) bits |= b[i + 2];
        *to++ = letters[bits >> 18];
        *to++ = letters[bits >> 12 & 63];
        *to++ = i + 1 < n ? letters[bits >> 6 & 63] : '=';
        *to++ = i + 2 < n ? letters[bits & 63] : '=';
    }
    *to++ = '"';
    t->len = (size_t)(to - t->bytes);
}

/* key returns the place after "name": in a question. */
static const char *key(const char *in, const char *name)
{
    char pattern[40];
    snprintf(pattern, sizeof pattern, "\"%s\":", name);
    const char *at = strstr(in, pattern);
    if (at == NULL) {
        fprintf(stderr, "adapter: no key %s in %s", name, in);
        exit(70);
    }
    return at + strlen(pattern);
}

/* number reads the number at *p, or the first after it, and moves *p behind it. */
static unsigned long long number(const char **p)
{
    *p += strcspn(*p, "0123456789");
    char *end;
    unsigned long long n = strtoull(*p, &end, 10);
    *p = end;
    return n;
}

static unsigned long long number_of(const char *in, const char *name)
{
    const char *p = key(in, name);
    return number(&p);
}

/* base64 reads the string whose opening quote is at *p into the memory at to, if that is not
 * NULL, and returns how many bytes it has. */
static size_t base64(const char **p, unsigned char *to)
{
    size_t n = 0;
    unsigned bits = 0;
    int have = 0;
    const char *c = *p + 1;
    for (; *c != '"' && *c != '='; c++) {
        const char *letter = strchr(letters, *c);
        if (*c == '\0' || letter == NULL) die("a question has no BASE64 where it is due");
        bits = bits << 6 | (unsigned)(letter - letters);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        if (to != NULL) to[n] = (unsigned char)(bits >> have);
        n++;
    }
    *p = c + strcspn(c, "\"") + 1;
    return n;
}

#endif
