/* Runs a fuzz target over the files of a folder without libFuzzer, so that every corpus is a
 * regression test under gcc, valgrind and the debugger too. Usage: fuzz_NAME CORPUS_FOLDER */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

static int replay(const char *folder, const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    uint8_t *wide = malloc(INPUT_MAX);
    if (file == NULL || wide == NULL) {
        perror(path);
        return -1;
    }
    size_t size = fread(wide, 1, INPUT_MAX, file);
    (void)fclose(file);
    /* A block of just that size: a sanitizer sees a read past its end. */
    uint8_t *exact = realloc(wide, size > 0 ? size : 1);
    if (exact == NULL) {
        free(wide);
        return -1;
    }
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        (void)fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    int files = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.') {
            if (replay(argv[1], entry->d_name) < 0) {
                return EXIT_FAILURE;
            }
            files++;
        }
    }
    (void)closedir(folder);
    (void)printf("%d inputs\n", files);
    return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* an empty corpus tests nothing */
}
