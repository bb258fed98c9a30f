/// What the program's manual page says beyond its commands.
package struct Manual: Sendable {
    /// A section of the manual page.
    package struct Section: Sendable {
        package let title: String
        package let text: String
        /// Terms, each with what it means.
        package let terms: [(term: String, meaning: String)]

        package init(_ title: String, text: String = "", terms: [(term: String, meaning: String)] = []) {
            (self.title, self.text, self.terms) = (title, text, terms)
        }
    }

    /// The day that the pages bear, as `2026-03-31`.
    package let date: String
    package let sections: [Section]

    package init(date: String = "", sections: [Section] = []) {
        (self.date, self.sections) = (date, sections)
    }
}

extension Program {
    /// The manual pages, one for the program and one for each command, by the names of their files.
    ///
    /// `man facegallery enroll` shows `facegallery-enroll.1`.
    func manualPages() -> [(name: String, text: String)] {
        [(name: "\(name).1", text: manualPage())]
            + commands.map { (name: "\(name)-\($0.name).1", text: manualPage(of: $0)) }
    }

    private func manualPage() -> String {
        var page = ManualPage(title: name, of: self)
        page.section("NAME")
        page.line("\(name) - \(abstract.dropLast(abstract.hasSuffix(".") ? 1 : 0))")
        page.section("SYNOPSIS")
        page.command(name, "<command> [options] ...")
        page.section("COMMANDS")
        for command in commands { page.term("\(name)-\(command.name)(1)", command.abstract) }
        page.section("OPTIONS")
        for option in ProgramOption.allCases { page.term(option.usage, option.help) }
        page.term("-h, --help", "Show help; after a command, that of the command.")
        for section in manual.sections {
            page.section(section.title)
            page.paragraphs(section.text)
            for (term, meaning) in section.terms { page.term(term, meaning) }
        }
        page.seeAlso(commands.map { "\(name)-\($0.name)" })
        return page.text
    }

    private func manualPage(of command: CommandSpecification) -> String {
        var page = ManualPage(title: "\(name)-\(command.name)", of: self)
        page.section("NAME")
        page.line(
            "\(name)-\(command.name) - \(command.abstract.dropLast(command.abstract.hasSuffix(".") ? 1 : 0))")
        page.section("SYNOPSIS")
        page.command(
            "\(name) \(command.name)", String(usage(of: command).dropFirst("\(name) \(command.name) ".count)))
        if !command.discussion.isEmpty {
            page.section("DESCRIPTION")
            page.paragraphs(command.discussion)
        }
        if !command.positionals.isEmpty {
            page.section("ARGUMENTS")
            for positional in command.positionals { page.term(positional.usage, positional.help) }
        }
        page.section("OPTIONS")
        for option in command.options { page.term(option.usage, option.help) }
        page.term("-h, --help", "Show help.")
        page.section("EXAMPLES")
        page.example(command.example)
        page.seeAlso([name])
        return page.text
    }
}

/// A manual page in the making, in the macros of man(7), which groff and mandoc set.
private struct ManualPage {
    private(set) var text: String

    init(title: String, of program: Program) {
        let source = Self.escaped("\(program.name) \(program.version)")
        // mandoc knows a date by its plain hyphens.
        text = ".TH \"\(Self.escaped(title.uppercased()))\" 1 \"\(program.manual.date)\" \"\(source)\"\n"
    }

    mutating func section(_ title: String) { text += ".SH \(title)\n" }

    mutating func line(_ line: String) { text += Self.escaped(line) + "\n" }

    mutating func command(_ name: String, _ rest: String) {
        text += ".B \(Self.escaped(name))\n" + (rest.isEmpty ? "" : Self.escaped(rest) + "\n")
    }

    mutating func term(_ term: String, _ meaning: String) {
        text += ".TP\n.B \(Self.escaped(term))\n\(Self.escaped(meaning))\n"
    }

    mutating func paragraphs(_ paragraphs: String) {
        var lines: [Substring] = []
        var isFurther = false
        for line in (paragraphs + "\n").split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.isEmpty else {
                lines.append(line)
                continue
            }
            guard !lines.isEmpty else { continue }
            // A section begins as a paragraph.
            if isFurther { text += ".PP\n" }
            isFurther = true
            // Lines with columns stay as they stand.
            if lines.contains(where: { $0.contains("  ") }) {
                text += ".nf\n" + lines.map { Self.escaped($0) + "\n" }.joined() + ".fi\n"
            } else {
                text += lines.map { Self.escaped($0) + "\n" }.joined()
            }
            lines = []
        }
    }

    mutating func example(_ example: String) {
        text += ".nf\n" + example.split(separator: "\n").map { Self.escaped($0) + "\n" }.joined() + ".fi\n"
    }

    mutating func seeAlso(_ pages: [String]) {
        section("SEE ALSO")
        text += pages.map { ".BR \(Self.escaped($0)) (1)" }.joined(separator: " ,\n") + "\n"
    }

    /// The text with nothing in it that troff takes for an instruction, in ASCII.
    private static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\"": result += "\\(dq"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case " "..."~": result.unicodeScalars.append(scalar)
            default: result += "\\[u\(hexadecimal(scalar))]"
            }
        }
        return result.hasPrefix(".") ? "\\&" + result : result
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
