import ArgumentParsing
import Gallery
import GalleryModel
import IsolatedHDF5
import Network
import ReferenceFiles
import VectorFiles

let export = Verb(
    specification: CommandSpecification(
        "export", abstract: "Write references, templates or an index to files.",
        discussion: """
            JSON Lines and HDF5 contain everything that a gallery stores about its references, and import reads them
            back. enroll reads the files of --embeddings and --subjects. Each file appears only when it is complete, can
            be read only by its owner, and shows one state of the gallery, even if others write meanwhile. Chips, the
            pictures of faces that a gallery may keep, are not exported; a snapshot contains them.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--jsonl", value: "FILE",
                help: "References with all their fields, one line each; - prints them."),
            OptionSpecification("--hdf5", value: "FILE", help: "The same as columns of an HDF5 file."),
            OptionSpecification("--embeddings", value: "X.npy", help: "The templates, one row per reference."),
            OptionSpecification(
                "--subjects", value: "NAMES.txt", help: "The subject of each row, one per line."),
            OptionSpecification("--faiss", value: "FILE", help: "An index that faiss.read_index opens."),
        ],
        example: """
            facegallery export -g faces --jsonl faces.jsonl
            facegallery export -g faces --embeddings templates.npy --subjects names.txt
            """),
    run: { arguments, console in
        let embeddings = arguments.value("--embeddings")
        let names = arguments.value("--subjects")
        let faiss = arguments.value("--faiss")
        let (lines, table) = (arguments.value("--jsonl"), arguments.value("--hdf5"))
        guard [lines, table, embeddings, faiss].contains(where: { $0 != nil }),
            (embeddings == nil) == (names == nil)
        else {
            throw UsageError(
                "nothing to write: use --jsonl, --hdf5, --faiss, or --embeddings with --subjects",
                command: "export")
        }
        let path = try arguments.galleryPath()
        let targets = [embeddings, names, faiss, lines, table].compactMap(\.self)
        guard Set(targets).count == targets.count else {
            throw UsageError("every output needs a different file", command: "export")
        }
        var outputs = Outputs(inputs: [path])
        for (option, target) in [
            ("--embeddings", embeddings), ("--subjects", names), ("--faiss", faiss), ("--jsonl", lines),
            ("--hdf5", table),
        ] { outputs.add(option, target) }
        outputs.add("--embeddings", embeddings.map(MatrixNetwork.path))
        try outputs.check()
        let gallery = try FaceGallery(at: path, readOnly: true)
        if let embeddings, let names {
            let matrix = try NpyMatrixWriter(path: embeddings, columns: gallery.settings.dimension)
            let list = try NamesWriter(path: names)
            try gallery.forEachReference { _, subject, template in
                try matrix.append(template)
                try list.append(subject)
            }
            try matrix.finish()
            try list.finish()
            try MatrixNetwork(gallery)?.write(beside: embeddings)
            console.note("\(matrix.rows) templates written to \(printable(embeddings))")
        }
        if lines != nil || table != nil {
            try gallery.exportReferences(lines: lines, table: table, console)
        }
        if let faiss {
            try gallery.exportFaiss(to: faiss)
            gallery.share()
            console.note("index written to \(printable(faiss))")
        }
        return .done
    })

extension FaceGallery {
    /// Writes all references, of one state, to one file or two.
    fileprivate func exportReferences(lines: String?, table: String?, _ console: Console) throws {
        var writers: [any ReferenceWriter] = []
        var progress = Progress(noun: "references")
        var (count, total) = (0, 0)
        try forEachReference { references in
            let header = ReferenceFileHeader(
                settings, references: references, identity: card.map { NetworkIdentity($0) })
            if let lines {
                writers.append(
                    lines == "-"
                        ? try JSONLinesWriter(printing: header, on: console)
                        : try JSONLinesWriter(path: lines, header: header))
            }
            if let table { writers.append(try IsolatedReferenceWriter(path: table, header: header)) }
            total = references
        } _: { reference, subject, template in
            let whole = FileReference(reference, subject: subject, template: template)
            for writer in writers { try writer.append(whole) }
            count += 1
            progress.show(count, of: total)
        }
        for writer in writers { try writer.finish() }
        progress.clear()
        for file in [lines, table].compactMap(\.self) where file != "-" {
            console.note("\(count) references written to \(printable(file))")
        }
    }
}

extension JSONLinesWriter {
    /// Writes to standard output, a few hundred lines at a time.
    fileprivate convenience init(
        printing header: ReferenceFileHeader, on console: Console
    ) throws {
        var pending: [UInt8] = []
        var failure: CommandFailure?
        func flush() throws(VectorFileError) {
            do throws(CommandFailure) { try console.write(pending) } catch { failure = error }
            pending.removeAll(keepingCapacity: true)
            if let failure { throw .malformed(path: "standard output", reason: "\(failure)") }
        }
        try self.init(header: header) { bytes throws(VectorFileError) in
            pending += bytes
            if pending.count >= 1 << 18 { try flush() }
        } end: { () throws(VectorFileError) in
            try flush()
        }
    }
}
