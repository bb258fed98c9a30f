internal import Network

/// Files of people's names beside a network, one a line: who judged it and whom it was trained on.
///
/// They are the owner's alone, and no part of a network that is copied.
enum PeopleNames {
    /// The people held out; `--validation-people` reads it.
    static let heldOutFile = "validation-people.txt"
    /// The people that were learnt from, with those of the network that training began with.
    static let learntFile = "training-people.txt"

    /// The bytes of a file of these names.
    static func bytes(_ names: [String]) -> [UInt8] { Array(names.map { $0 + "\n" }.joined().utf8) }

    /// Writes a file; a name with a line feed cannot stand in one and is left out.
    static func write(_ names: [String], as name: String, in folder: String) throws(TrainingError) {
        try SafeWriting.replace(
            folder + "/" + name, with: bytes(names.filter { !$0.utf8.contains(UInt8(ascii: "\n")) }))
    }

    /// Whom a network was trained on; nobody where its directory does not say.
    static func learnt(by directory: String?) -> [String] {
        guard let directory,
            let bytes = try? readFile(directory + "/" + learntFile, limit: 1 << 28)
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// What the user should know where people held out were trained on before.
    static func notice(heldOut: [String], learntBefore: [String]) -> String? {
        let known = Set(learntBefore)
        let both = heldOut.count(where: known.contains)
        guard both > 0 else { return nil }
        return
            "the initial network was trained on people with the names of \(both) of the \(heldOut.count) held "
            + "out: the figures are too good; give `validation-people` the \(heldOutFile) in that network's folder"
    }
}
