/*
 * The long steps of a round of files in two calls, during which the interpreter has other work: in Python each
 * open, write, sync, close and rename lets go of it and waits to have it back, some fifteen times an image.
 * It decides nothing: what each step means and what follows from its error, shared/store/disk.py says.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Of their kinds of disk it is known that one syncfs keeps the promise of all fsyncs. */
#define EXT4 0xEF53
#define XFS 0x58465342
#define BTRFS 0x9123683E

struct file {
    const char *unfinished, *path;
    const unsigned char *data;
    size_t data_bytes;
    int descriptor;
    int error; /* 0, or the errno of the step that failed */
};

static int last_error(void)
{
    return errno != 0 ? errno : EIO;
}

static int write_whole(const struct file *file)
{
    size_t written = 0;
    while (written < file->data_bytes) {
        ssize_t count = write(file->descriptor, file->data + written, file->data_bytes - written);
        if (count >= 0)
            written += (size_t)count;
        else if (errno != EINTR)
            return -1;
    }
    return 0;
}

static int synced(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result;
}

static void begin(struct file *file)
{
    file->descriptor = open(file->unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->descriptor < 0 || write_whole(file) != 0)
        file->error = last_error();
}

/* One sync for all. Before Linux 5.8 it was silent of what could not be written. */
static int whole_disk_is_synced(int descriptor)
{
    struct statfs disk;
    struct utsname system;
    int version, subversion;
    if (uname(&system) != 0 || sscanf(system.release, "%d.%d", &version, &subversion) != 2 ||
        version < 5 || (version == 5 && subversion < 8))
        return 0;
    if (fstatfs(descriptor, &disk) != 0 || (disk.f_type != EXT4 && disk.f_type != XFS && disk.f_type != BTRFS))
        return 0;
    return syncfs(descriptor) == 0;
}

static void finish(struct file *file, int is_synced)
{
    if (file->error == 0 && !is_synced && synced(file->descriptor) != 0)
        file->error = last_error();
    if (file->descriptor >= 0)
        close(file->descriptor);
    if (file->error == 0 && rename(file->unfinished, file->path) != 0)
        file->error = last_error();
}

/* Writes and syncs all of them, then puts each in its place. A sync of the whole disk counts for all that were
 * written before it; where there is none, or it fails, each is synced by itself and has an error of its own.
 */
void write_files(struct file *files, int count, int may_sync_whole_disk)
{
    for (int number = 0; number < count; number++)
        begin(&files[number]);
    int is_synced = may_sync_whole_disk && files[0].descriptor >= 0 && whole_disk_is_synced(files[0].descriptor);
    /* Starts writing without waiting, so that the syncs find it done, in one commit. */
    for (int number = 0; !is_synced && count > 1 && number < count; number++)
        if (files[number].error == 0)
            posix_fadvise(files[number].descriptor, 0, 0, POSIX_FADV_DONTNEED);
    for (int number = 0; number < count; number++)
        finish(&files[number], is_synced);
}

/* 0, or the errno of what failed. */
int sync_folder(const char *folder)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return last_error();
    int error = synced(descriptor) == 0 ? 0 : last_error();
    close(descriptor);
    return error;
}
