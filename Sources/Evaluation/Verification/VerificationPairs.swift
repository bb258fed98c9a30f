/// A photo of a pair: a person and the number of the photo, from 1.
public struct PairedPhoto: Hashable, Sendable {
    /// The name of the person, which is the folder.
    public let person: String
    /// The number of the photo, from 1.
    public let number: Int

    /// Names a photo.
    public init(person: String, number: Int) {
        self.person = person
        self.number = number
    }

    /// `Person/Person_0001.jpg`, as Labeled Faces in the Wild names its files.
    public var path: String {
        let digits = String(number)
        return "\(person)/\(person)_\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).jpg"
    }
}

/// Two photos that are to be told same or different.
public struct VerificationPair: Sendable, Equatable {
    /// One of the photos.
    public let first: PairedPhoto
    /// The other.
    public let second: PairedPhoto
    /// The part of the list that it is in, from 0.
    public let fold: Int

    /// Whether both photos are of one person.
    public var isMated: Bool { first.person == second.person }
}

/// Why a list of pairs could not be read.
public struct PairsError: Error, Equatable, CustomStringConvertible {
    /// The line of the file, from 1.
    public let line: Int
    /// What is wrong there.
    public let reason: String

    /// One line that names the place.
    public var description: String { "line \(line) of the pairs: \(reason)" }
}

/// A list of pairs in folds, in the layout of `pairs.txt` of Labeled Faces in the Wild.
///
/// The first line holds the number of folds and of pairs a kind; a fold is that many mated pairs
/// (`person n m`), then that many non-mated ones (`person n person m`).
public struct VerificationPairs: Sendable {
    /// The pairs, in the order of the file.
    public let pairs: [VerificationPair]

    /// Reads the text of a list; lines may end as on Windows.
    ///
    /// - Throws: `PairsError` with the first line that is not as expected.
    public init(text: String) throws(PairsError) {
        let lines = text.drop { $0 == "\u{FEFF}" }.split { $0 == "\n" || $0 == "\r\n" }
        let head = lines.first?.split { $0 == "\t" || $0 == " " }.compactMap { Int($0) } ?? []
        guard head.count == 2, head[0] > 0, head[1] > 0 else {
            throw PairsError(line: 1, reason: "the number of folds and of pairs a kind is expected")
        }
        let (folds, size) = (head[0], head[1])
        // Compared by division: the file names both numbers, and their product may be none.
        let (rest, remainder) = (lines.count - 1).quotientAndRemainder(dividingBy: 2)
        guard remainder == 0, rest.isMultiple(of: size), rest / size == folds else {
            throw PairsError(
                line: lines.count,
                reason:
                    "\(folds) folds of \(size) mated and \(size) non-mated pairs are expected, a line each, and "
                    + "\(lines.count - 1) lines follow the first"
            )
        }
        var pairs: [VerificationPair] = []
        for (index, line) in lines.dropFirst().enumerated() {
            let fields = line.split { $0 == "\t" || $0 == "\r" }.map(String.init)
            let isMated = index % (2 * size) < size
            let numbers = (isMated ? [1, 2] : [1, 3]).compactMap { $0 < fields.count ? Int(fields[$0]) : nil }
            guard fields.count == (isMated ? 3 : 4), numbers.count == 2 else {
                throw PairsError(
                    line: index + 2, reason: "a person and two numbers, or two of each, are expected")
            }
            pairs.append(
                VerificationPair(
                    first: PairedPhoto(person: fields[0], number: numbers[0]),
                    second: PairedPhoto(person: isMated ? fields[0] : fields[2], number: numbers[1]),
                    fold: index / (2 * size)))
        }
        self.pairs = pairs
    }
}
