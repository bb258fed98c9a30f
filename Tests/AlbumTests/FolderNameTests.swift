import Album
import Testing

@Suite("Folders of subjects")
struct FolderNameTests {
    private func names(_ subjects: [String]) -> FolderNames {
        var names = FolderNames()
        for subject in subjects { names.note(subject) }
        return names
    }

    @Test(
        "have the subject's name where that can be a folder's",
        arguments: ["Ada", "José Álvarez", "van Gogh", "李小龙", "O'Neill 2"])
    func plain(name: String) { #expect(names([name]).folder(of: name) == name) }

    @Test(
        "are one name of a folder, in the album, whatever the subject is called",
        arguments: [
            "", ".", "..", "../../etc/passwd", "/", "a/b", "a\\b", "_unknown", "_ambiguous", " Ada", "Ada.",
            "Ada ",
            "CON", "con.txt", "LPT1", "a:b*?", "-rf", String(repeating: "ß", count: 255), "A\u{202E}da", "a\nb",
        ])
    func hostile(name: String) {
        let folder = names([name]).folder(of: name)
        #expect(!folder.isEmpty && folder != "." && folder != "..")
        #expect(!folder.hasPrefix("_") && !folder.hasPrefix(".") && !folder.hasPrefix("-"))
        #expect(!folder.contains { "/\\:*?<>|\"\n".contains($0) })
        #expect(folder.utf8.count <= 255)
        #expect(folder != name)
        #expect(names([name]).folder(of: name) == folder)
    }

    @Test("differ for subjects that differ, also where a disk ignores capitals")
    func different() {
        let subjects = ["Ada", "ADA", "ada", "a/b", "a_b", "a:b", "Ada.", "Ada ", "Bob"]
        let folders = subjects.map { names(subjects).folder(of: $0).lowercased() }
        #expect(Set(folders).count == subjects.count)
        #expect(names(subjects).folder(of: "Bob") == "Bob")
    }
}
