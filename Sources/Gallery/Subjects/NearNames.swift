import GalleryModel

extension FaceGallery {
    /// Names of subjects that somebody may have meant with a name that no subject has, the nearest first.
    ///
    /// Near is: the name that the subject had before, other capitals, a few other letters, or one of several words.
    /// - Parameters:
    ///   - name: a name that no subject has.
    ///   - count: the most names to return.
    ///   - patience: how long to look through the gallery; about a million subjects a second.
    public func names(
        near name: String, count: Int = 3, patience: Duration = .seconds(1)
    ) throws(GalleryError) -> [String] {
        let wanted = NameDistance(to: name)
        var found: [(distance: Int, name: String)] = []
        if let former = try read({ state throws(StoreError) in try state.subject(formerlyNamed: name) }) {
            found.append((-1, former.name))
        }
        let end = ContinuousClock.now + patience
        var seen = 0
        struct Enough: Error {}
        do {
            try forEachSubject { subject in
                seen += 1
                if seen.isMultiple(of: 1024), ContinuousClock.now > end { throw Enough() }
                guard let distance = wanted.distance(to: subject.name),
                    !found.contains(where: { $0.name.utf8.elementsEqual(subject.name.utf8) })
                else { return }
                found.append((distance, subject.name))
                found.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
                if found.count > count { found.removeLast() }
            }
        } catch is Enough {} catch let error as GalleryError { throw error } catch {
            preconditionFailure("a walk over subjects threw \(error)")
        }
        return found.map(\.name)
    }
}

/// How far names are from one, as people mistype and shorten them.
struct NameDistance {
    private let wanted: [Character]
    private let words: Set<Substring>
    private let most: Int

    init(to name: String) {
        wanted = Array(Self.folded(name))
        words = Self.words(of: Self.folded(name))
        most = max(1, wanted.count / 4)
    }

    /// Letters to insert, remove, replace or swap; 1 for a name that has all the words, or only some of them; nil for one
    /// that is far.
    func distance(to name: String) -> Int? {
        let folded = Self.folded(name)
        if let edits = edits(to: Array(folded)) { return edits }
        let others = Self.words(of: folded)
        guard !words.isEmpty, !others.isEmpty else { return nil }
        return words.isSubset(of: others) || (others.isSubset(of: words) && others.count > 1) ? most : nil
    }

    private static func folded(_ name: String) -> String {
        String(name.lowercased().map { $0 == "_" || $0 == "-" ? " " : $0 })
    }

    private static func words(of name: String) -> Set<Substring> {
        Set(name.split { !$0.isLetter && !$0.isNumber })
    }

    /// The distance of Damerau and Levenshtein between names whose swapped letters are not changed again; nil above
    /// `most`.
    ///
    /// O(length · length), and O(1) for lengths that differ by more than `most`.
    private func edits(to other: [Character]) -> Int? {
        guard abs(wanted.count - other.count) <= most, !wanted.isEmpty, !other.isEmpty else { return nil }
        var before = [Int](repeating: 0, count: other.count + 1)
        var last = Array(0...other.count)
        var now = last
        for row in 1...wanted.count {
            now[0] = row
            for column in 1...other.count {
                let isSame = wanted[row - 1] == other[column - 1]
                now[column] = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, wanted[row - 1] == other[column - 2],
                    wanted[row - 2] == other[column - 1]
                {
                    now[column] = min(now[column], before[column - 2] + 1)
                }
            }
            if now.min() ?? 0 > most { return nil }
            (before, last, now) = (last, now, before)
        }
        return last[other.count] <= most ? last[other.count] : nil
    }
}
