import Foundation
import Glibc

/// The system's limit on threads, as a container or `ulimit -u` sets it.
public enum ThreadLimit {
    /// From now on this process can make about so many further threads at once, none where that is 0, and for good.
    ///
    /// For processes of their own. The limit does not bind the superuser, who becomes a user of whom there are no other processes.
    public static func set(furtherThreads count: Int) {
        let isAlone = geteuid() == 0 && setuid(uid_t.random(in: 200_000...2_000_000_000)) == 0
        // A thread that has just ended counts until it is gone.
        usleep(20_000)
        var limit = rlimit()
        // With a limit of 0 there is none, whatever the system counts.
        if count > 0 { limit.rlim_cur = rlim_t((isAlone ? tasks(of: "self") : tasksOfThisUser()) + count) }
        limit.rlim_max = limit.rlim_cur
        unsafe setrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &limit)
    }

    private static func tasksOfThisUser() -> Int {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { Int($0) != nil }.reduce(0) { sum, process in
            var status = stat()
            guard unsafe stat("/proc/\(process)", &status) == 0, status.st_uid == getuid() else { return sum }
            return sum + tasks(of: process)
        }
    }

    private static func tasks(of process: String) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task"))?.count ?? 0
    }
}
