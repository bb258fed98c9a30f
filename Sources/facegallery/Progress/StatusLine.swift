import GalleryModel
import Glibc

/// A line on standard error that the next one replaces on a terminal, at most ten times a second; elsewhere lines that
/// stay, one every 5 seconds.
struct StatusLine {
    let isTerminal = isatty(STDERR_FILENO) == 1
    private var lastShown = ContinuousClock.now
    private var isShown = false

    /// Whether it is time for another line.
    var isDue: Bool { ContinuousClock.now - lastShown >= (isTerminal ? .milliseconds(100) : .seconds(5)) }

    /// Shows a line at once.
    mutating func show(_ line: String) {
        lastShown = .now
        let line = line.printable
        writeToStandardError(isTerminal ? "\u{1B}[2K\r" + line : line + "\n")
        isShown = isTerminal
    }

    /// Clears the line of a terminal, so that what follows stands alone.
    mutating func clear() {
        if isShown { writeToStandardError("\u{1B}[2K\r") }
        isShown = false
    }
}
