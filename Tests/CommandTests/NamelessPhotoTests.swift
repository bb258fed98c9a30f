import TestSupport
import Testing

@Suite("Photos that nobody named")
struct NamelessPhotoTests {
    private let gallery: PatternGallery

    init() throws { gallery = try PatternGallery() }

    private func subjects() throws -> [String] {
        try gallery.facegallery("subjects", "-g", "g", "--json").objects().compactMap {
            $0["subject"] as? String
        }
    }

    @Test("of a telephone are refused with what to do, and are enrolled once the subject is given")
    func telephone() throws {
        for (pattern, name) in ["IMG_2034", "IMG_2035", "20240101_120000"].enumerated() {
            try gallery.draw(pattern, as: "phone/\(name).ppm")
        }
        let refused = try gallery.facegallery("enroll", "-g", "g", "--json", "phone")
        #expect(refused.exitCode == 65)
        let reasons = try refused.objects().compactMap { $0["reason"] as? String }
        #expect(reasons == ["no_name", "no_name", "no_name"], "\(refused.out)")
        #expect(refused.err.contains("--subject"), "\(refused.err)")
        #expect(try subjects() == [])

        let named = try gallery.facegallery("enroll", "-g", "g", "--subject", "Ada", "phone")
        #expect(named.exitCode == 0, "\(named.err)")
        #expect(try subjects() == ["Ada"])
    }

    @Test("of an archive by years belong to the person of the innermost folder")
    func archive() throws {
        try gallery.draw(1, as: "nested/2023/summer/Ada/IMG_1.ppm")
        try gallery.draw(2, as: "nested/Bob/2024/05/IMG_2.ppm")
        let result = try gallery.facegallery("enroll", "-g", "g", "nested")
        #expect(result.exitCode == 0, "\(result.err)")
        #expect(try subjects() == ["Ada", "Bob"])
    }

    @Test("and people's are counted before a first run and before a dry run, and no more afterwards")
    func shown() throws {
        for number in 0..<3 { try gallery.draw(number, as: "people/Ada/\(number).ppm") }
        try gallery.draw(4, as: "people/Bob.ppm")
        try gallery.draw(5, as: "people/IMG_5.ppm")
        let shown = ["names of folders and files: 2", "Ada: 3 photos", "Bob: 1 photo", "are refused: 1"]
        for words in [["--dry-run"], [], ["--dry-run"]] {
            let result = try gallery.facegallery.run(["enroll", "-g", "g", "people"] + words)
            for text in shown { #expect(result.err.contains(text), "\(result.err)") }
        }
        let later = try gallery.facegallery("enroll", "-g", "g", "people")
        #expect(!later.err.contains(shown[0]), "\(later.err)")
    }

    @Test("are asked about on a terminal, where anything but yes enrols nobody")
    func asked() throws {
        try gallery.draw(1, as: "people/Ada/1.ppm")
        for (answer, expected) in [("n", []), ("", []), ("y", ["Ada"])] {
            // `script` gives the program a terminal.
            let command =
                "printf '\(answer)\\n' | script -qec '\(Facegallery.path) enroll -g g people' /dev/null"
            let result = try gallery.facegallery.run(["-c", command], program: "/bin/sh")
            #expect(result.out.contains("Enrol them? [y/N]"), "\(result.out)\(result.err)")
            #expect(try subjects() == expected)
        }
    }
}
