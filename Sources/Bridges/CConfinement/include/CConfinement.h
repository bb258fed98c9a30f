// Confines this process, by libseccomp and Landlock, to the files that it has open.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// Closes all files but the three standard streams: what the program that started this one has open.
void confinement_close_inherited(void);

// From now on no thread of this process can open, make, remove or rename a file, reach a socket or a process, start a
// program, or map memory that is executed: such calls fail with EPERM. It can read and write what it has open, take and
// give back memory, and end. There is no way back.
//
// With `writes` it can also write the files it has open at places, and cut them. Returns 0, or the number of the
// system's error where the kernel has no such filters; the process then is as it was.
int confinement_enter(int writes);

// From now on this thread, and those that it makes, can open, make, remove or rename no file by its path, connect to no
// TCP port, and signal no process outside: such calls fail with EACCES or EPERM. What is open stays open. This is a second
// wall, for kernels and containers that refuse filters of system calls. There is no way back.
//
// Returns 0, or the number of the system's error where the kernel has no Landlock; the process then is as it was.
int confinement_enter_landlock(void);

// Watches this process from now on, five times a second, by a timer's signal: no thread has to be made for it.
//
// It ends with the code `unread` when nobody reads its standard output any more. It ends with the code `lost`, and
// `message` on standard error, when it has used more than so many processor seconds since `confinement_has_written` was
// called last. `message` must live as long as the process. Returns 0, or the number of the system's error.
int confinement_watch(double seconds, const char *message, int lost, int unread);

// Something was written; from any thread.
void confinement_has_written(void);

#ifdef __cplusplus
}
#endif
