package import Clustering
package import Files

/// Why the faces of photos could not be grouped, or groups not be kept.
package enum PhotoClusterError: Error, Sendable, CustomStringConvertible {
    /// A folder that holds something else.
    case foreignFolder(String)
    /// The file of a folder of groups cannot be used.
    case damaged(path: String, reason: String)
    /// Groups that another network's templates made, or faces that were found otherwise.
    case otherSettings(path: String, there: String, now: String)
    /// A group that is not in the list.
    case noCluster(Int, path: String, count: Int)
    case file(FileError)
    case clustering(ClusteringError)

    package enum Kind: Sendable { case usage, badData, file(FileError.Kind), stopped }

    package var kind: Kind {
        switch self {
        case .foreignFolder, .otherSettings, .noCluster: .usage
        case .damaged: .badData
        case .file(let error): .file(error.kind)
        case .clustering(.cancelled): .stopped
        case .clustering(.badSimilarity): .usage
        case .clustering: .badData
        }
    }

    /// One line that says what is wrong and what to do.
    package var description: String {
        switch self {
        case .foreignFolder(let path):
            "\(path) is there and was not made by cluster; use the path of a new folder"
        case .damaged(let path, let reason):
            "\(path) is damaged (\(reason)); remove it, and the next run begins anew"
        case .otherSettings(let path, let there, let now):
            "\(path) was made with \(there), but this run uses \(now); use the same, or another folder"
        case .noCluster(let number, let path, let count):
            "\(path) has no cluster \(number); its clusters are 1 to \(count)"
        case .file(let error): "\(error)"
        case .clustering(let error): "\(error)"
        }
    }
}
