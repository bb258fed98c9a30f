internal import Glibc

/// The program that reads and writes HDF5 files for this process, and where it may be.
///
/// libhdf5 crashes on some damaged files and never finishes with others. So it runs in a process of its own, which can
/// reach one file and nothing else. A value.
public struct HDF5Helper: Sendable, Equatable {
    /// The file name of the program.
    public static let name = "facegallery-hdf5"
    /// The environment variable that names the folder of the helper programs.
    public static let folderVariable = "FACEGALLERY_HELPERS"

    /// The files that may be the program; the first one that can be started is used.
    public let places: [String]

    /// The program at a path.
    public init(at path: String) { places = [path] }

    private init(places: [String]) { self.places = places }

    /// The program that was installed or built with the running one.
    ///
    /// If `FACEGALLERY_HELPERS` is set, the program is looked for in that folder only. Otherwise it is looked for beside
    /// the running executable, and then in `../libexec/facegallery` from there.
    public static var installed: HDF5Helper { HDF5Helper(places: places(of: name)) }

    /// Where a helper program may be that was installed or built with the running one.
    package static func places(of name: String) -> [String] {
        // A program that runs with rights of another user does not take paths from its caller.
        let isOwn = getuid() == geteuid() && getgid() == getegid()
        if isOwn, let folder = unsafe getenv(folderVariable), unsafe folder.pointee != 0 {
            return ["\(unsafe String(cString: folder))/\(name)"]
        }
        guard let folder = folderOfExecutable else { return [] }
        return ["\(folder)/\(name)", "\(folder)/../libexec/facegallery/\(name)"]
    }

    /// Nil where `/proc` is not mounted.
    private static var folderOfExecutable: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        let path = buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return String(decoding: path[..<slash], as: UTF8.self)
    }
}
