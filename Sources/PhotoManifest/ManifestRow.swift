/// A row of a manifest.
package struct ManifestRow: Sendable, Equatable {
    /// What it says.
    package enum Content: Sendable, Equatable {
        /// A photo, whom it shows, and what else is known of it.
        case photo(path: String, subject: String, metadata: [String: String])
        /// It says nothing that can be used; `reason` says why, with the remedy.
        case unusable(reason: String)
    }

    /// The line it begins on, from 1.
    package let line: Int
    package let content: Content

    package init(line: Int, content: Content) {
        self.line = line
        self.content = content
    }
}
