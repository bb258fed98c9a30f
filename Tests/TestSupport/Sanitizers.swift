import Glibc

/// Whether a sanitizer watches.
///
/// Its shadow memory takes more address space than any limit worth testing, it reports what Foundation's `Process`
/// leaks, and it needs a thread of its own at a process's end.
public let isSanitized = unsafe dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil
