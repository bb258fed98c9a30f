import ArgumentParsing
import Gallery
import GalleryEvaluation
import Wire

extension CheckReport.Remedy {
    /// What the user is to do.
    fileprivate func text(afterRepair: Bool) -> String {
        switch self {
        case .restore: "restore a snapshot: damaged pages cannot be repaired"
        case .repair: afterRepair ? "restore a snapshot: --repair cannot mend this" : "run check --repair"
        case .enrolAgain:
            "remove the references named above with 'remove --reference', and enrol their faces again"
        case .replaceNetwork: "copy the network's files back, from a snapshot or the network's directory"
        }
    }
}

let check = Verb(
    specification: CommandSpecification(
        "check", abstract: "Check that a gallery is complete and undamaged.",
        discussion:
            """
            Compares the store, the index and the network's files with their checksums and with each other. Exit code 1
            if something is wrong. With --repair, everything that can be derived is first built again.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--recall", value: "N", isValueOptional: true,
                help:
                    "Also search N probes (default: 1000) through the index and exactly: does it keep its loss?"
            ),
            OptionSpecification(
                "--repair", help: "First rebuild everything that can be derived, such as the index."),
            Shared.json,
        ],
        example: "facegallery check -g faces"),
    run: { arguments, console in
        let repairs = arguments.flag("--repair")
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: !repairs, tolerant: true)
        if repairs { try gallery.repair() }
        let report = try gallery.check()
        let recall = report.isSound ? try RecallText.measured(arguments, gallery) : nil
        if console.json {
            try console.print(json: CheckRecord(report, recall: recall))
        } else {
            for note in report.notes { try console.print("note: \(printable(note))") }
            for problem in report.problems { try console.print("problem: \(printable(problem))") }
            let remedies = report.remedies.map { $0.text(afterRepair: repairs) }
            let verdict =
                report.isSound
                ? "sound"
                : "\(report.problems.count) \(report.problems.count == 1 ? "problem" : "problems"); "
                    + remedies.joined(separator: "; ")
            try console.print("\(report.subjects) subjects, \(report.references) references: \(verdict)")
            if let recall { try console.print(RecallText.line(recall)) }
        }
        return report.isSound && recall?.isRefuted != true ? .done : .failed
    })
