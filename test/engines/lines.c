/* Prints each line that lines.c gives of a file, its number and words in brackets, then what it says of the whole. */
#include "lines.h"

#include <stdio.h>

static int each(void *context, char *line, int number) {
  (void)context;
  printf("%d", number);
  for (char *word; (word = dialward_word(&line));) printf(" [%s]", word);
  return puts(""), 0;
}

int main(int argc, char **argv) {
  const char *why;
  if (argc != 2) return 2;
  int result = dialward_lines_read(argv[1], each, NULL, &why);
  return puts(result < 0 ? why : "read"), 0;
}
