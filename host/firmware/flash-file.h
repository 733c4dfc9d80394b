/* The two slots as two files, for programs under an operating system: `path`.0 and `path`.1. */
#ifndef DIALWARD_FLASH_FILE_H
#define DIALWARD_FLASH_FILE_H

/* Locks the slots at `path`, which are made if they do not exist: two processes must not read, judge and write at
 * once. Waits for its turn. Answers 0, or -1 if the files cannot be opened. */
int dialward_flash_open(const char *path);

/* Unlocks and closes. */
void dialward_flash_close(void);

#endif
