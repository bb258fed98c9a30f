import CConfinement
import Glibc
import IsolatedHDF5

/// Address space, so that a file's claims cannot fill the machine.
private let memory = rlim_t(8) << 30

/// Leaves this process nothing but its three standard streams, whatever the file brings it to do.
func confine(for work: HDF5Work) {
    // What the program that started this one has open is none of its business.
    confinement_close_inherited()
    _ = confinement_enter_landlock()
    if work == .tryLandlock { return }
    limit(RLIMIT_AS, to: memory)
    limit(RLIMIT_CORE, to: 0)
    // A kernel without filters of system calls still lets it open no further file.
    limit(RLIMIT_NOFILE, to: rlim_t(STDERR_FILENO) + 1)
    _ = confinement_enter(work.writesFile ? 1 : 0)
}

private func limit(_ resource: __rlimit_resource, to value: rlim_t) {
    var limit = rlimit(rlim_cur: value, rlim_max: value)
    unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
}

/// Ends this process when its output is no longer read, or when libhdf5 never finishes with a damaged file.
func watch(patience: Double) {
    let message: StaticString = "is damaged: the HDF5 library never finishes reading it"
    // A static string ends with a zero, and lives as long as the process.
    _ = unsafe confinement_watch(
        patience, UnsafeRawPointer(message.utf8Start).assumingMemoryBound(to: CChar.self),
        HelperExit.badData.rawValue, HelperExit.inputOutput.rawValue)
}
