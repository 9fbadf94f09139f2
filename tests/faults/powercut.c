/* A power cut for one process, as a preload library. (long: a preload library is compiled from one file.)
 *
 * Writes below a folder reach the file at once, so the program reads what it wrote. What they replaced is
 * kept, by 4 KiB page, until the file is synced. At the cut everything that was not synced is taken back
 * and the process is killed, so that the files hold what a disk would hold after the power went:
 *
 *   AMTIA_CUT_DIR      the folder
 *   AMTIA_CUT_AFTER    the cut comes at this write or sync below the folder (0: never)
 *   AMTIA_CUT_AT_EXIT  1: the cut comes when the program ends by itself
 *   AMTIA_CUT_KEEP     percentage of unsynced pages that reach the disk all the same (0 if left out)
 *   AMTIA_CUT_SEED     decides which
 *   AMTIA_CUT_REPORT   a file that says what the cut did
 *
 * New names, renames and removals last once their folder is synced. Before that they are taken back, newest
 * first; with AMTIA_CUT_KEEP above 0 a random number of the oldest stays, as a journalling file system has it.
 * Shared-memory files (-shm) are left alone: nothing in them is meant to last. Making a folder lasts at once.
 * A sync is answered without waiting for the real disk, which no test here depends on. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096
#define BUCKETS 4096

struct page {
    struct page *next;
    off_t number;
    size_t length; /* bytes of it that were within the durable size */
    char bytes[PAGE];
};

struct file {
    struct file *next;
    dev_t device;
    ino_t inode;
    int fd; /* our own, never closed: closing any descriptor would drop the program's locks */
    off_t durable;
    int dirty;
    struct page *pages[BUCKETS];
};

enum kind { CREATED, RENAMED, REMOVED };

struct change {
    struct change *older, *newer;
    enum kind kind;
    char from[PATH_MAX]; /* for CREATED and REMOVED the name itself */
    char to[PATH_MAX];
    char saved[PATH_MAX]; /* a link to what a rename replaced or a removal removed */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_length;
static long cut_after, calls, keep_percent, saved_links;
static unsigned long long random_state;
static int at_exit;
static struct file *files;
static struct change *newest, *oldest;

static int covered(const char *path) {
    size_t length = strlen(path);
    if (!folder_length || strncmp(path, folder, folder_length) || path[folder_length] != '/') return 0;
    return length < 4 || strcmp(path + length - 4, "-shm");
}

static unsigned random_below(unsigned bound) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % bound;
}

static long number(const char *name) {
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *dir = getenv("AMTIA_CUT_DIR");
    if (!dir || !realpath(dir, folder)) return;
    folder_length = strlen(folder);
    cut_after = number("AMTIA_CUT_AFTER");
    keep_percent = number("AMTIA_CUT_KEEP");
    at_exit = (int)number("AMTIA_CUT_AT_EXIT");
    random_state = 0x9E3779B97F4A7C15ull ^ (unsigned long long)number("AMTIA_CUT_SEED") * 0xD1B54A32D192ED03ull;
    if (!random_state) random_state = 1;
}

static void fail(const char *what) {
    dprintf(2, "powercut: %s: %s\n", what, strerror(errno));
    kill(getpid(), SIGABRT);
    for (;;) pause();
}

/* An absolute path without symbolic links; the last part need not exist. */
static int resolve(int at, const char *path, char *out) {
    char whole[PATH_MAX], parent[PATH_MAX], *slash;
    if (path[0] == '/' || at == AT_FDCWD) {
        if (snprintf(whole, sizeof whole, "%s", path) >= (int)sizeof whole) return 0;
    } else {
        char link[64], base[PATH_MAX];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t n = readlink(link, base, sizeof base - 1);
        if (n < 0) return 0;
        base[n] = 0;
        if (snprintf(whole, sizeof whole, "%s/%s", base, path) >= (int)sizeof whole) return 0;
    }
    slash = strrchr(whole, '/');
    if (!slash) return realpath(".", parent) && snprintf(out, PATH_MAX, "%s/%s", parent, whole) < PATH_MAX;
    *slash = 0;
    if (!realpath(slash == whole ? "/" : whole, parent)) return 0;
    return snprintf(out, PATH_MAX, "%s/%s", parent, slash + 1) < PATH_MAX;
}

static int path_of(int fd, char *out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, PATH_MAX - 1);
    if (n < 0) return 0;
    out[n] = 0;
    return 1;
}

/* The covered file behind a descriptor, or none. */
static struct file *file_of(int fd) {
    struct stat st;
    char path[PATH_MAX], link[64];
    if (!folder_length || fstat(fd, &st) || !S_ISREG(st.st_mode)) return NULL;
    for (struct file *f = files; f; f = f->next)
        if (f->device == st.st_dev && f->inode == st.st_ino) return f;
    if (!path_of(fd, path) || !covered(path)) return NULL;
    struct file *f = calloc(1, sizeof *f);
    if (!f) fail("memory");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    f->fd = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC);
    if (f->fd < 0) {
        free(f);
        return NULL; /* read only: nothing of it can change */
    }
    f->device = st.st_dev;
    f->inode = st.st_ino;
    f->next = files;
    return files = f;
}

static off_t size_of(struct file *f) {
    struct stat st;
    if (fstat(f->fd, &st)) fail("fstat");
    return st.st_size;
}

/* Keeps what the pages of a range hold, once until the next sync. */
static void remember(struct file *f, off_t offset, off_t length) {
    if (!f->dirty) {
        f->dirty = 1;
        f->durable = size_of(f);
    }
    if (length <= 0) return;
    for (off_t n = offset / PAGE; n <= (offset + length - 1) / PAGE; n++) {
        struct page **bucket = &f->pages[n % BUCKETS], *p = *bucket;
        while (p && p->number != n) p = p->next;
        if (p) continue;
        p = calloc(1, sizeof *p);
        if (!p) fail("memory");
        p->number = n;
        if (n * PAGE < f->durable) {
            off_t rest = f->durable - n * PAGE;
            ssize_t got = syscall(SYS_pread64, f->fd, p->bytes, (size_t)(rest < PAGE ? rest : PAGE), n * PAGE);
            if (got < 0) fail("pread");
            p->length = (size_t)got;
        }
        p->next = *bucket;
        *bucket = p;
    }
}

static void forget(struct file *f) {
    f->dirty = 0;
    for (int i = 0; i < BUCKETS; i++)
        for (struct page *p = f->pages[i], *next; p; p = next) {
            next = p->next;
            free(p);
            f->pages[i] = NULL;
        }
}

/* Takes a file's unsynced pages back, but for those that chance keeps. */
static void take_back(struct file *f, long *dropped, long *kept) {
    off_t now = size_of(f), end = f->durable;
    static const char zeros[PAGE];
    int shrunk_stays = now < f->durable && random_below(100) < keep_percent;
    if (!f->dirty) return;
    if (shrunk_stays) end = now;
    for (int i = 0; i < BUCKETS; i++)
        for (struct page **at = &f->pages[i]; *at;) {
            struct page *p = *at;
            off_t stop = (p->number + 1) * PAGE < now ? (p->number + 1) * PAGE : now;
            if (p->number * PAGE < now && random_below(100) < keep_percent) {
                if (stop > end) end = stop;
                *at = p->next;
                free(p);
                ++*kept;
            } else {
                at = &p->next;
                ++*dropped;
            }
        }
    if (syscall(SYS_ftruncate, f->fd, end)) fail("ftruncate");
    for (int i = 0; i < BUCKETS; i++)
        for (struct page *p = f->pages[i]; p; p = p->next) {
            off_t start = p->number * PAGE, room = end - start;
            if (room <= 0) continue;
            size_t length = room < PAGE ? (size_t)room : PAGE, old = p->length < length ? p->length : length;
            if (syscall(SYS_pwrite64, f->fd, p->bytes, old, start) != (long)old) fail("pwrite");
            if (length > old && syscall(SYS_pwrite64, f->fd, zeros, length - old, start + old) != (long)(length - old))
                fail("pwrite");
        }
}

static void unlink_change(struct change *c) {
    if (c->older) c->older->newer = c->newer; else oldest = c->newer;
    if (c->newer) c->newer->older = c->older; else newest = c->older;
}

/* Every thread of a process is stopped. */
static int stands_still(pid_t pid) {
    char path[64], text[512], *state;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    if (!tasks) fail("threads");
    int still = 1;
    for (struct dirent *task; (task = readdir(tasks));) {
        if (task->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/stat", pid, task->d_name);
        int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
        if (fd >= 0) close(fd);
        if (n <= 0) continue; /* it has just ended */
        text[n] = 0;
        state = strrchr(text, ')');
        if (state && !strchr("TtZX", state[2])) still = 0;
    }
    closedir(tasks);
    return still;
}

/* The power goes for all threads at one moment: a child stops them, takes back, and kills them. */
static void cut(void) {
    long dropped = 0, kept = 0, names = 0, total = 0, stay;
    pid_t program = getpid(), child = fork();
    if (child < 0) fail("fork");
    if (child > 0)
        for (;;) pause();
    if (kill(program, SIGSTOP)) fail("stop");
    while (!stands_still(program)) usleep(200);
    for (struct file *f = files; f; f = f->next) take_back(f, &dropped, &kept);
    for (struct change *c = newest; c; c = c->older) total++;
    stay = keep_percent && total ? random_below((unsigned)total + 1) : 0;
    for (struct change *c = newest; c && names < total - stay; c = c->older, names++) {
        if (c->kind == CREATED) syscall(SYS_unlinkat, AT_FDCWD, c->from, 0);
        if (c->kind == RENAMED && syscall(SYS_renameat, AT_FDCWD, c->to, AT_FDCWD, c->from)) fail("rename back");
        if (c->saved[0] && syscall(SYS_renameat, AT_FDCWD, c->saved, AT_FDCWD, c->kind == RENAMED ? c->to : c->from))
            fail("bring back");
        c->saved[0] = 0;
    }
    for (struct change *c = newest; c; c = c->older)
        if (c->saved[0]) syscall(SYS_unlinkat, AT_FDCWD, c->saved, 0);
    const char *report = getenv("AMTIA_CUT_REPORT");
    int fd = report ? (int)syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd >= 0) dprintf(fd, "calls %ld dropped %ld kept %ld names %ld\n", calls, dropped, kept, names);
    /* Whatever this child holds too, a lock on the file above all, must be free once the program is gone. */
    syscall(SYS_close_range, 0u, ~0u, 0u);
    kill(program, SIGKILL);
    _exit(0);
}

/* Counts a call; true when the power goes at this one. */
static int due(void) { return ++calls == cut_after; }

__attribute__((destructor)) static void finish(void) {
    if (!folder_length || !at_exit) return;
    pthread_mutex_lock(&lock);
    cut();
}

static struct change *note(enum kind kind, const char *from, const char *to) {
    struct change *c = calloc(1, sizeof *c);
    if (!c) fail("memory");
    c->kind = kind;
    snprintf(c->from, sizeof c->from, "%s", from);
    snprintf(c->to, sizeof c->to, "%s", to);
    c->older = newest;
    if (newest) newest->newer = c; else oldest = c;
    return newest = c;
}

/* A second name for a file that is about to lose its own. */
static void save(struct change *c, const char *path) {
    snprintf(c->saved, sizeof c->saved, "%.3900s/.powercut-%ld-%d", folder, ++saved_links, getpid());
    if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, c->saved, 0)) c->saved[0] = 0;
}

static int within(const char *path, const char *dir) {
    size_t length = strlen(dir);
    return !strncmp(path, dir, length) && path[length] == '/' && !strchr(path + length + 1, '/');
}

static void sync_folder(const char *dir) {
    for (struct change *c = oldest, *next; c; c = next) {
        next = c->newer;
        if (!within(c->from, dir) && !(c->kind == RENAMED && within(c->to, dir))) continue;
        if (c->saved[0]) syscall(SYS_unlinkat, AT_FDCWD, c->saved, 0);
        unlink_change(c);
        free(c);
    }
}

static int sync_fd(int fd, long call) {
    struct stat st;
    char path[PATH_MAX];
    if (!folder_length || fstat(fd, &st)) return (int)syscall(call, fd);
    pthread_mutex_lock(&lock);
    int done = 0;
    if (S_ISDIR(st.st_mode) && path_of(fd, path) && (covered(path) || !strcmp(path, folder))) {
        if (due()) cut();
        sync_folder(path);
        done = 1;
    } else {
        struct file *f = file_of(fd);
        if (f) {
            if (due()) cut();
            forget(f);
            done = 1;
        }
    }
    pthread_mutex_unlock(&lock);
    return done ? 0 : (int)syscall(call, fd);
}

int fsync(int fd) { return sync_fd(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_fd(fd, SYS_fdatasync); }

/* Runs a write at `offset` (or at the descriptor's own place when it is -1). */
#define WRITE(fd, offset, length, call)                                                         \
    do {                                                                                        \
        if (!folder_length) return call;                                                        \
        pthread_mutex_lock(&lock);                                                              \
        struct file *f = file_of(fd);                                                           \
        if (f) {                                                                                \
            off_t at = (offset);                                                                \
            if (at < 0) at = fcntl(fd, F_GETFL) & O_APPEND ? size_of(f) : lseek(fd, 0, SEEK_CUR); \
            remember(f, at, (off_t)(length));                                                   \
        }                                                                                       \
        ssize_t result = call;                                                                  \
        int error = errno;                                                                      \
        if (f && due()) cut();                                                                  \
        pthread_mutex_unlock(&lock);                                                            \
        errno = error;                                                                          \
        return result;                                                                          \
    } while (0)

static size_t total(const struct iovec *parts, int count) {
    size_t sum = 0;
    for (int i = 0; i < count; i++) sum += parts[i].iov_len;
    return sum;
}

/* Sockets and pipes do not wait for the lock: an answer may leave while another thread writes. */
static int regular(int fd) {
    struct stat st;
    return folder_length && !fstat(fd, &st) && S_ISREG(st.st_mode);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!regular(fd)) return syscall(SYS_write, fd, bytes, length);
    WRITE(fd, -1, length, syscall(SYS_write, fd, bytes, length));
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!regular(fd)) return syscall(SYS_writev, fd, parts, count);
    WRITE(fd, -1, total(parts, count), syscall(SYS_writev, fd, parts, count));
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    WRITE(fd, offset, length, syscall(SYS_pwrite64, fd, bytes, length, offset));
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
    WRITE(fd, offset, total(parts, count), syscall(SYS_pwritev, fd, parts, count, offset, 0));
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    return pwritev64(fd, parts, count, offset);
}

int ftruncate64(int fd, off_t length) {
    if (!regular(fd)) return (int)syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&lock);
    struct file *f = file_of(fd);
    if (f) remember(f, length, size_of(f) - length);
    int result = (int)syscall(SYS_ftruncate, fd, length), error = errno;
    if (f && due()) cut();
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fallocate64(int fd, int mode, off_t offset, off_t length) {
    WRITE(fd, offset, mode ? length : 0, syscall(SYS_fallocate, fd, mode, offset, length));
}
int fallocate(int fd, int mode, off_t offset, off_t length) { return fallocate64(fd, mode, offset, length); }
int posix_fallocate64(int fd, off_t offset, off_t length) { return fallocate64(fd, 0, offset, length) ? errno : 0; }
int posix_fallocate(int fd, off_t offset, off_t length) { return posix_fallocate64(fd, offset, length); }

/* Copies inside the kernel pass no bytes by here; refused, so that the program falls back to writing. */
ssize_t copy_file_range(int in, off_t *in_at, int out, off_t *out_at, size_t length, unsigned flags) {
    if (!folder_length) return syscall(SYS_copy_file_range, in, in_at, out, out_at, length, flags);
    errno = ENOSYS;
    return -1;
}
ssize_t sendfile64(int out, int in, off_t *at, size_t length) {
    if (!regular(out)) return syscall(SYS_sendfile, out, in, at, length);
    errno = ENOSYS;
    return -1;
}
ssize_t sendfile(int out, int in, off_t *at, size_t length) { return sendfile64(out, in, at, length); }

static int open_file(int at, const char *path, int flags, mode_t mode) {
    char whole[PATH_MAX];
    struct stat st;
    if (!folder_length || !(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE ||
        !resolve(at, path, whole) || !covered(whole))
        return (int)syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&lock);
    int present = !stat(whole, &st);
    if (present && (flags & O_TRUNC) && st.st_size) {
        /* Opened untruncated first, so that what it held can be remembered. */
        int before = (int)syscall(SYS_openat, AT_FDCWD, whole, O_RDWR | O_CLOEXEC);
        struct file *f = before < 0 ? NULL : file_of(before);
        if (f) remember(f, 0, size_of(f));
        /* Left open, like our own descriptors. */
    }
    int fd = (int)syscall(SYS_openat, at, path, flags, mode), error = errno;
    if (fd >= 0 && !present) note(CREATED, whole, "");
    if (fd >= 0 && (!present || (flags & O_TRUNC)) && due()) cut();
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

#define MODE(flags, last)                                  \
    mode_t mode = 0;                                       \
    if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
        va_list more;                                      \
        va_start(more, last);                              \
        mode = va_arg(more, mode_t);                       \
        va_end(more);                                      \
    }
int open(const char *path, int flags, ...) { MODE(flags, flags) return open_file(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, flags) return open_file(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags, flags) return open_file(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags, flags) return open_file(at, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    char old[PATH_MAX], new[PATH_MAX];
    if (!folder_length || !resolve(from_at, from, old) || !resolve(to_at, to, new) || (!covered(old) && !covered(new)))
        return (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    pthread_mutex_lock(&lock);
    struct change *c = note(RENAMED, old, new);
    save(c, new);
    int result = (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags), error = errno;
    if (result) {
        if (c->saved[0]) syscall(SYS_unlinkat, AT_FDCWD, c->saved, 0);
        unlink_change(c);
        free(c);
    } else if (due()) {
        cut();
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int renameat(int from_at, const char *from, int to_at, const char *to) { return renameat2(from_at, from, to_at, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    char whole[PATH_MAX];
    if (!folder_length || !resolve(to_at, to, whole) || !covered(whole))
        return (int)syscall(SYS_linkat, from_at, from, to_at, to, flags);
    pthread_mutex_lock(&lock);
    int result = (int)syscall(SYS_linkat, from_at, from, to_at, to, flags), error = errno;
    if (!result) note(CREATED, whole, "");
    if (!result && due()) cut();
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int at, const char *path, int flags) {
    char whole[PATH_MAX];
    if (!folder_length || (flags & AT_REMOVEDIR) || !resolve(at, path, whole) || !covered(whole))
        return (int)syscall(SYS_unlinkat, at, path, flags);
    pthread_mutex_lock(&lock);
    struct change *c = note(REMOVED, whole, "");
    save(c, whole);
    int result = (int)syscall(SYS_unlinkat, at, path, flags), error = errno;
    if (result) {
        if (c->saved[0]) syscall(SYS_unlinkat, AT_FDCWD, c->saved, 0);
        unlink_change(c);
        free(c);
    } else if (due()) {
        cut();
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
