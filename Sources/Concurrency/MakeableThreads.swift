internal import Glibc

/// How many threads can be made at this moment: for libraries of C that end the process where one cannot be made.
package enum MakeableThreads {
    /// Of `wanted` threads, the calling one among them, as many as the system lets exist at once; at least 1.
    ///
    /// Makes them and ends them again. Others may make threads in between, so that this is no promise.
    package static func count(upTo wanted: Int) -> Int {
        guard wanted > 1 else { return 1 }
        let folders = Monitor<[String]?>([])
        guard
            var threads = try? Threads(
                wanted - 1,
                {
                    folders.update { $0?.append(Self.folder) }
                    folders.wait { $0 == nil ? () : nil }
                })
        else { return 1 }
        let count = threads.count
        let made = folders.wait { made -> [String]? in
            guard made?.count == count else { return nil }
            return exchange(&made, with: nil)
        }
        threads.join()
        // The system counts a thread until it is gone, which is a little after it was joined.
        for folder in made {
            for _ in 0..<100 where unsafe access(folder, F_OK) == 0 { usleep(1_000) }
        }
        return count + 1
    }

    /// Where the system describes the calling thread.
    private static var folder: String {
        var name = [CChar](repeating: 0, count: 64)
        let count = unsafe readlink("/proc/thread-self", &name, name.count)
        return "/proc/" + String(decoding: name[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
