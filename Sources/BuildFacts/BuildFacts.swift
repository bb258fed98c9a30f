/// What is known of the sources that this program was built from.
package enum BuildFacts {
    /// The commit, with a `+` where tracked files were changed since; nil where nothing says so.
    package static let commit: String? = writtenCommit.isEmpty ? nil : writtenCommit
}
