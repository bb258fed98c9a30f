internal import Glibc

extension ReportPlots {
    /// Where plots are drawn before they are put into the page.
    static var temporaryFolder: String {
        guard let folder = unsafe getenv("TMPDIR") else { return "/tmp" }
        let path = unsafe String(cString: folder)
        return path.isEmpty ? "/tmp" : path
    }
}
