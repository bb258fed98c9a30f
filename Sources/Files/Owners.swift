internal import Glibc

/// Whose folders this process writes into.
package enum Owners {
    /// The environment variable that names further users, by name or number, with commas between them.
    package static let variable = "FACEGALLERY_TRUST_OWNER"

    /// The user that this process acts as.
    package static var current: UInt32 { geteuid() }

    private static let named: Set<UInt32> = {
        guard let text = unsafe getenv(variable) else { return [] }
        return numbers(in: unsafe String(cString: text))
    }()

    /// Whether a user's folders may be written into, and their lock files be used.
    ///
    /// We trust only the user of this process and the users that the environment names. The owner of a folder can put
    /// links into it, and the user "root" has most to lose by following them.
    package static func isTrusted(_ owner: UInt32) -> Bool { owner == current || named.contains(owner) }

    /// The users that a list of names and numbers stands for; names that nobody has are left out.
    static func numbers(in list: String) -> Set<UInt32> {
        Set(
            list.split(separator: ",").compactMap { word in
                let name = word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                return UInt32(String(name)) ?? number(of: String(name))
            })
    }

    private static func number(of name: String) -> UInt32? {
        var (entry, found) = unsafe (passwd(), UnsafeMutablePointer<passwd>?.none)
        var buffer = [CChar](repeating: 0, count: 1 << 14)
        let count = buffer.count
        guard unsafe getpwnam_r(name, &entry, &buffer, count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe entry.pw_uid
    }

    /// The name of a user, or the number where nobody has it.
    package static func name(of user: UInt32) -> String {
        var (entry, found) = unsafe (passwd(), UnsafeMutablePointer<passwd>?.none)
        var buffer = [CChar](repeating: 0, count: 1 << 14)
        let count = buffer.count
        guard unsafe getpwuid_r(user, &entry, &buffer, count, &found) == 0, unsafe found != nil,
            let name = unsafe entry.pw_name
        else { return "\(user)" }
        return unsafe String(cString: name)
    }
}
