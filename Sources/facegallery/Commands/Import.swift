import ArgumentParsing
import Enrollment
import Files
import Gallery
import GalleryModel
import IsolatedHDF5
import ReferenceFiles
import VectorFiles
import Wire

let importing = Verb(
    specification: CommandSpecification(
        "import", abstract: "Enrol references from a file that export --jsonl or --hdf5 wrote.",
        discussion: """
            References are enrolled with their subjects, sources, digests, qualities and times, and get new numbers in
            the same order. Answers are then the same as in the gallery that they come from. If the gallery does not
            exist, it is created for the network that the file names; a gallery of another network refuses the file.
            References that were imported before are skipped: if an import was interrupted, run it again. If a file is
            damaged or cut off, the import ends at that place; the references before it are enrolled.
            """,
        positionals: [
            PositionalSpecification("file", .one, help: "The file, or - for JSON Lines on standard input.")
        ],
        options: [Shared.gallery, Shared.json],
        example: """
            facegallery import -g copy faces.jsonl
            facegallery export -g faces --jsonl - | facegallery import -g copy -
            """),
    run: { arguments, console in
        let file = arguments.positionals[0]
        let reader: any ReferenceReader =
            try isHDF5(file) ? IsolatedReferences(path: file) : JSONLinesReader(path: file)
        let path = try arguments.galleryPath()
        let gallery: FaceGallery
        do throws(GalleryError) { gallery = try FaceGallery(at: path) } catch .store(.notAGallery) {
            try Outputs.check("--gallery", path, .newFolder, inputs: [file])
            try FaceGallery.create(at: path, settings: reader.header.settings)
            console.note("created \(printable(path)) for templates of \(printable(reader.header.network))")
            gallery = try FaceGallery(at: path)
        }
        try gallery.requireSettings(reader.header.settings, identity: reader.header.identity)
        let counts: ImportCounts
        do { counts = try ReferenceImport(gallery: gallery).run(reader) } catch {
            StopRequest.endAtOnce()
            gallery.settleAfterAll(UserStop(), tell: console.takeEnding)
            throw error
        }
        console.note("\(counts.added) references enrolled, \(counts.present) enrolled before")
        if console.json { try console.print(json: ImportRecord(counts)) }
        StopRequest.endAtOnce()
        try gallery.settle(isInterrupted: false, UserStop(), tell: console.takeEnding)
        return .done
    })

/// Whether a file begins as an HDF5 file does.
private func isHDF5(_ path: String) -> Bool {
    guard path != "-", let file = try? InputFile(path) else { return false }
    var head = [UInt8](repeating: 0, count: 8)
    let count = unsafe head.withUnsafeMutableBytes { try? unsafe file.read(at: 0, into: $0) }
    return count == 8 && head == [0x89] + Array("HDF\r\n\u{1A}\n".utf8)
}

/// Carries references from a file to a gallery, in large transactions.
struct ReferenceImport {
    /// A transaction holds so many references, or so many bytes of text and templates.
    private static let batchSize = 16_384
    private static let batchBytes = 64 << 20

    let gallery: FaceGallery

    /// About how many bytes of memory a reference takes in a batch; each text of metadata is an allocation of its own.
    static func bytes(of reference: FileReference) -> Int {
        reference.metadata.reduce(1024 + reference.source.utf8.count + 4 * reference.template.count) {
            $0 + 128 + $1.key.utf8.count + $1.value.utf8.count
        }
    }

    func run(_ reader: any ReferenceReader) throws -> ImportCounts {
        guard let export = ExportNumber(reader.header.export) else {
            throw CommandFailure("the export has no valid id", .badData)
        }
        var counts = ImportCounts()
        var progress = Progress(noun: "references")
        let total = reader.header.references
        var (batch, bytes, first): ([NewReference], Int, Int) = ([], 0, 0)
        let known = try gallery.importedCount(of: export)
        var pace = IndexPace()
        func commit() throws {
            let some = try gallery.importReferences(batch, of: export, from: first)
            counts.added += some.added
            counts.present += some.present
            pace.keep(gallery)
            progress.show(counts.added + counts.present, of: total)
            first += batch.count
            batch.removeAll(keepingCapacity: true)
            bytes = 0
        }
        defer { progress.clear() }
        var failure: (any Error)?
        do {
            while let reference = try reader.next() {
                if first < known, batch.isEmpty {
                    // Read again and skipped: an interrupted job is where it was at the speed of reading.
                    first += 1
                    counts.present += 1
                    progress.show(counts.present, of: total)
                    continue
                }
                batch.append(reference.new)
                bytes += Self.bytes(of: reference)
                if batch.count == Self.batchSize || bytes >= Self.batchBytes { try commit() }
            }
        } catch let error as VectorFileError {
            failure = error
        }
        // What came before the damage is good, and need not be read again.
        try commit()
        if let failure { throw failure }
        return counts
    }
}
