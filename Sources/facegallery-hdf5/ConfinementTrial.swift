import Glibc

/// Shows what this process can do on this machine: `facegallery-hdf5 try-confinement 1 60 < FILE`.
///
/// A line for each thing that it tries, with the system's word for how that went; the last line says how many bytes it
/// has read of its standard input, which it must be able to.
func tryConfinement() throws {
    func tell(_ what: String, _ result: some BinaryInteger, _ code: Int32) throws {
        let text = result >= 0 ? "done" : unsafe String(cString: strerror(code))
        try HelperOutput.write(Array("\(what): \(text)\n".utf8))
    }
    try tell("open a file", unsafe open("/proc/self/status", O_RDONLY), errno)
    try tell("open a folder", unsafe open("/", O_RDONLY | O_DIRECTORY), errno)
    try tell("ask for a file", unsafe access("/", F_OK), errno)
    try tell("make a file", unsafe creat("facegallery-hdf5-trial", 0o600), errno)
    try tell("reach a socket", socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), errno)
    try tell("take another's place", dup(STDIN_FILENO), errno)
    close(STDERR_FILENO)
    try tell("open a file in another's place", unsafe open("/proc/self/status", O_RDONLY), errno)
    var words: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
    try tell("start a program", unsafe execv("/bin/true", &words), errno)
    try tell("signal another process", kill(getppid(), 0), errno)
    let executed = unsafe mmap(nil, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    try tell("map memory to be executed", unsafe (executed == MAP_FAILED ? -1 : 0), errno)
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe pread(STDIN_FILENO, &bytes, bytes.count, 0)
    try HelperOutput.write(Array("read \(count) bytes\n".utf8))
}
