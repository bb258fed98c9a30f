import ArgumentParsing
import FoundationEssentials
import Glibc

extension Manual {
    /// What the manual page says beyond the commands.
    static let facegallery = Manual(
        date: dayOfManual,
        sections: [
            Section(
                "ENVIRONMENT",
                terms: [
                    ("FACEGALLERY_GALLERY", "The gallery where -g is not given."),
                    (
                        "FACEGALLERY_CACHE",
                        "The folder of networks and detectors. Without it: facegallery in XDG_CACHE_HOME, else in .cache "
                            + "of HOME, else in .cache of the home folder that the system's list of users names; "
                            + "what is missing there is looked for in /var/lib/facegallery."
                    ),
                    (
                        "FACEGALLERY_SETUP_FROM",
                        "An archive, or a folder of archives, that setup reads in the place of PyPI."
                    ),
                    (
                        "FACEGALLERY_HELPERS",
                        "The folder of the helper programs (default: that of facegallery, then ../libexec/facegallery)."
                    ),
                    (
                        "FACEGALLERY_LOCK_SECONDS",
                        "How long a command waits for another one's lock (default: 30)."
                    ),
                    (
                        "FACEGALLERY_TRUST_OWNER",
                        "Other users whose galleries may be written, by name, with commas."
                    ),
                ]),
            Section(
                "EXIT STATUS",
                terms: [
                    ("0", "Done."), ("1", "Failed; also: check found something."), ("64", "Invalid arguments."),
                    ("65", "Bad data."), ("66", "An input is not there."),
                    ("73", "An output cannot be written."),
                    ("74", "Input or output failed."),
                    ("75", "Try again: interrupted, or locked by another process."),
                ]),
        ])

    /// Today, or the day that `SOURCE_DATE_EPOCH` names, so that a build can be repeated to the byte.
    private static var dayOfManual: String {
        let given = unsafe getenv("SOURCE_DATE_EPOCH").flatMap { unsafe Int(String(cString: $0)) }
        let date = given.map { Date(timeIntervalSince1970: Double($0)) } ?? Date()
        return date.formatted(.iso8601.year().month().day())
    }
}
