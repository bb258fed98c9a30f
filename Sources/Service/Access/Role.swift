/// What a key allows; each role allows what those before it do.
public enum Role: String, Sendable, Codable, CaseIterable, Comparable {
    /// To ask: identify, verify, detect, and look at what is enrolled.
    case read
    /// To enrol as well.
    case enroll
    /// To rename, merge and remove as well.
    case admin

    /// By what they allow.
    public static func < (one: Role, other: Role) -> Bool {
        one.rank < other.rank
    }

    private var rank: Int {
        switch self {
        case .read: 0
        case .enroll: 1
        case .admin: 2
        }
    }
}
