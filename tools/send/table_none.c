#include <endian.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "tools/send/amount.h"
#include "tools/send/input_inner.h"
#include "tools/shared/ends.h"

/* Files that somebody takes for a table, and how to make one of each. */

enum {
    HEAD_BYTES = 512,
    ENTRIES_BYTES = 4096, /* of a compound file's directory: the first 32 entries */
    SECTOR_SHIFT_AT = 30,
    DIRECTORY_AT = 48,
};

#define BYTES(text)                                                                                \
    {                                                                                              \
        .ptr = (text), .len = sizeof(text) - 1                                                     \
    }

static const struct {
    struct rd_str start;
    const char *what;
} KINDS[] = {
        {BYTES("%PDF"), "a PDF: ask for the register as .xlsx or CSV"},
        {BYTES("\x1f\x8b"), "a file compressed by gzip: unpack it"},
        {BYTES("7z\xbc\xaf\x27\x1c"), "an archive of 7-Zip: unpack it"},
        {BYTES("Rar!"), "an archive of RAR: unpack it"},
        {BYTES("\x89PNG"), "a picture: ask for the register as .xlsx or CSV"},
        {BYTES("\xff\xd8\xff"), "a picture: ask for the register as .xlsx or CSV"},
        {BYTES("{\\rtf"), "a document of Word: copy its table into a spreadsheet, and save that as "
                          ".xlsx"},
        {BYTES("\xff\xfe\0\0"), "text in UTF-32: save it as UTF-8"},
        {BYTES("\0\0\xfe\xff"), "text in UTF-32: save it as UTF-8"},
};

/* Where Excel keeps an encrypted workbook is a file of the kind that it wrote before 2007; its
 * directory tells. */
static bool has_password(int fd, const uint8_t head[static HEAD_BYTES])
{
    static const char name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    uint8_t entries[ENTRIES_BYTES];
    unsigned shift = head[SECTOR_SHIFT_AT] < 16 ? head[SECTOR_SHIFT_AT] : 16;
    uint32_t sector;
    memcpy(&sector, head + DIRECTORY_AT, sizeof sector); /* both little-endian */
    ssize_t got = pread(fd, entries, sizeof entries, ((off_t)le32toh(sector) + 1) << shift);
    return got > 0 && memmem(entries, (size_t)got, name, sizeof name - 1) != NULL;
}

bool table_is_none(int fd, const char *path, bool *ret_is_zip)
{
    uint8_t head[HEAD_BYTES] = {0};
    ssize_t got = pread(fd, head, sizeof head, 0); /* a pipe has none: it is text */
    struct rd_str start = {.ptr = (const char *)head, .len = got > 0 ? (size_t)got : 0};
    *ret_is_zip = xlsx_is_zip(start);
    if (xlsx_is_old(start)) {
        say_error("%s: %s", path,
                has_password(fd, head)
                        ? "it has a password: open it in the spreadsheet and save it without one"
                        : "an .xls of Excel before 2007: save it as .xlsx");
        return true;
    }
    for (size_t i = 0; i < RD_COUNT(KINDS); i++) {
        if (rd_str_starts(start, KINDS[i].start)) {
            say_error("%s: it is %s", path, KINDS[i].what);
            return true;
        }
    }
    return false;
}

bool table_is_no_text(struct rd_str head, const char *path)
{
    static const char *const marks[] = {
            "<!doctype", "<?xml", "<html", "<head", "<meta", "<style", "<table", "<body"};
    struct rd_str text = amount_trim(head);
    if (text.len == 0) {
        say_error("%s: it is empty: there is no header line in it", path);
        return true;
    }
    for (size_t i = 0; i < RD_COUNT(marks); i++) {
        size_t len = strlen(marks[i]);
        if (text.len > len && strncasecmp(text.ptr, marks[i], len) == 0) {
            say_error("%s: it is HTML or XML, as some programs write it and call it .xls: open it "
                      "in a spreadsheet and save it as .xlsx",
                    path);
            return true;
        }
    }
    return false;
}
