/// What a network makes of real photos: those of people with several to enrol and to search, others as strangers.
struct RealFaces {
    let dimension: Int
    /// The first photo of everybody who has several, row-major.
    let enrolled: [Float]
    /// Further photos of each of them.
    let mated: [Float]
    /// The photos of people with one.
    let nonMated: [Float]

    /// - Parameter perPerson: further photos of each, at most.
    /// - Throws: as `PhotoTemplates`.
    init(folder: String, perPerson: Int) throws {
        let templates = try PhotoTemplates(folder: folder)
        let people = Dictionary(grouping: templates.photos.indices) { row in
            String(templates.photos[row].prefix { $0 != "/" })
        }
        var (enrolled, mated, nonMated): ([Float], [Float], [Float]) = ([], [], [])
        for person in people.keys.sorted() {
            guard let rows = people[person] else { continue }
            if rows.count == 1 {
                nonMated += templates.template(rows[0])
            } else {
                enrolled += templates.template(rows[0])
                for other in rows.dropFirst().prefix(perPerson) { mated += templates.template(other) }
            }
        }
        (self.enrolled, self.mated, self.nonMated) = (enrolled, mated, nonMated)
        dimension = templates.dimension
    }
}
