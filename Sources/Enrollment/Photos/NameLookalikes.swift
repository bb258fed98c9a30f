import Gallery
import GalleryModel

/// Notices a new subject whose name looks like that of another one: `ada` beside `Ada`, `Ada_Lovelace` beside
/// `Ada Lovelace`.
///
/// What is exactly the same in another form is one subject (`SubjectName`); this is about what may be one person.
struct NameLookalikes {
    /// Subjects up to which a gallery is walked through, once a job, in about a tenth of a second.
    private static let most = 100_000

    private let gallery: FaceGallery
    /// A hash of one exact name, by a hash of what people see of it; nil before the first question.
    private var exactByLook: [Int: Int]?
    private var asked: Set<Int> = []
    private var ofJob: [Int: String] = [:]

    init(_ gallery: FaceGallery) { self.gallery = gallery }

    /// Another subject whose name looks the same; nil if there is none, and from the second question about a name on.
    ///
    /// A gallery of over 100,000 subjects is not looked through; only the names of the job are.
    ///
    /// - Parameter name: the name of a subject that is enrolled by now, or would be.
    mutating func other(than name: String) throws(GalleryError) -> String? {
        let (exact, look) = (Self.hash(name), Self.hash(Self.look(of: name)))
        guard asked.insert(exact).inserted else { return nil }
        var known = exactByLook ?? [:]
        if exactByLook == nil { known = try namesOfGallery() }
        exactByLook = nil
        defer { exactByLook = known }
        // What a dry run would enrol is not in the gallery.
        defer { if ofJob.count < Self.most { ofJob[look] = name } }
        guard let first = known.updateValue(exact, forKey: look), first != exact else { return nil }
        if let other = ofJob[look], Self.hash(other) != exact { return other }
        return try find(look, otherThan: exact)
    }

    private func namesOfGallery() throws(GalleryError) -> [Int: Int] {
        guard try gallery.size().subjects <= Self.most else { return [:] }
        var known: [Int: Int] = [:]
        try walk { name in
            let look = Self.hash(Self.look(of: name))
            if known[look] == nil { known[look] = Self.hash(name) }
            return true
        }
        return known
    }

    /// The subject with a look and another name; found by a walk, because that is hardly ever needed.
    private func find(_ look: Int, otherThan exact: Int) throws(GalleryError) -> String? {
        var found: String?
        try walk { name in
            if Self.hash(Self.look(of: name)) == look, Self.hash(name) != exact { found = name }
            return found == nil
        }
        return found
    }

    private func walk(_ body: (String) -> Bool) throws(GalleryError) {
        struct Enough: Error {}
        do {
            try gallery.forEachSubject { if !body($0.name) { throw Enough() } }
        } catch is Enough {
            return
        } catch let error as GalleryError {
            throw error
        } catch {
            preconditionFailure("a walk over subjects threw \(error)")
        }
    }

    private static func hash(_ text: String) -> Int { Array(text.utf8).hashValue }

    /// What people see of a name: without regard to capitals, and to how words are separated.
    private static func look(of name: String) -> String {
        name.lowercased().split { $0 == " " || $0 == "_" || $0 == "-" || $0 == "." || $0 == "'" }
            .joined(separator: " ")
    }
}
