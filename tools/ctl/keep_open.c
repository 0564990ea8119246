#include "tools/ctl/keep_open.h"

struct rd_str export_subject(const struct export *export, const struct open_case *one)
{
    return (struct rd_str){(const char *)export->subjects.ptr + one->subject, one->subject_len};
}

const struct open_case *export_case(const struct export *export, uint64_t number)
{
    size_t low = 0, high = export->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (export->cases[middle].number == number) {
            return &export->cases[middle];
        }
        low = export->cases[middle].number < number ? middle + 1 : low;
        high = export->cases[middle].number < number ? high : middle;
    }
    return NULL;
}
