import Gallery
import Wire

/// Prints groups, for people or as JSON Lines.
struct ClusterPrinter {
    let console: Console

    /// Prints faces that are sorted by group.
    func print(_ faces: [ClusteredFaceRecord]) throws(CommandFailure) {
        if console.json {
            for face in faces { try console.print(json: face) }
            return
        }
        var start = 0
        while start < faces.count, let number = faces[start].cluster {
            let end = faces[start...].firstIndex { $0.cluster != number } ?? faces.count
            let group = faces[start..<end]
            let photos = Set(group.compactMap(\.digest)).count
            let count =
                photos > 0 ? Self.count(group.count, "face") + " in " + Self.count(photos, "photo") : nil
            try console.print("cluster \(number): " + (count ?? Self.count(group.count, "template")))
            for face in group { try console.print("  " + Self.text(face)) }
            start = end
        }
    }

    private static func text(_ face: ClusteredFaceRecord) -> String {
        guard let photo = face.photo else { return "row \(face.row ?? 0)" }
        guard let box = face.face?.box, box.count == 4 else { return printable(photo) }
        return "\(printable(photo))  face \(box[2])×\(box[3]) at \(box[0]),\(box[1])"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// How many groups there are, and how many faces stand alone.
    static func summary(_ faces: [ClusteredFaceRecord], noun: String, _ similarity: Double) -> String {
        let alone = faces.count { $0.cluster == nil }
        let groups = faces.compactMap(\.cluster).max() ?? 0
        return
            "\(count(faces.count, noun)): \(faces.count - alone) in \(count(groups, "cluster")), \(alone) alone "
            + "(one person from a similarity of \(short(similarity)) on)"
    }
}
