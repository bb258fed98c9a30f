extension Program {
    /// A script that makes bash complete commands, options and their values.
    ///
    /// It needs bash 4 or later and nothing of the package bash-completion.
    func bashCompletion() -> String {
        let cases = commands.map(bashCase).joined(separator: "\n")
        let own = ProgramOption.allCases
        let values = own.filter { $0.valueName != nil }
            .map { "            \($0.rawValue)) \(bashReply($0.completion)); return ;;" }.joined(
                separator: "\n")
        let verbs = commands.map(\.name).joined(separator: " ")
        return #"""
            # Completions of \#(name) for bash; made by '\#(name) --generate-completion-script bash'.

            _\#(name)_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }

            _\#(name)_paths() {
                mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
                compopt -o filenames 2>/dev/null
            }

            _\#(name)() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev= verb= ended= options= i
                ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}
                COMPREPLY=()
                # bash makes words of their own of --name, = and the value.
                if [[ $cur == = ]]; then
                    cur=
                elif [[ $prev == = ]] && ((COMP_CWORD > 2)); then
                    prev=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                ((COMP_CWORD > 1)) && verb=${COMP_WORDS[1]}
                for ((i = 2; i < COMP_CWORD; i++)); do
                    [[ ${COMP_WORDS[i]} == -- ]] && ended=1
                done
                case $verb in
                    '') _\#(name)_words '\#(verbs) help --help \#(own.map(\.rawValue).joined(separator: " "))'; return ;;
                    help) _\#(name)_words '\#(verbs)'; return ;;
            \#(values)
            \#(cases)
                    *) return ;;
                esac
                if [[ $cur == -* && -z $ended ]]; then _\#(name)_words "$options"; fi
            } && complete -F _\#(name) \#(name)
            """#
    }

    private func bashCase(_ command: CommandSpecification) -> String {
        // A value that may be left out is not expected: the word after the option may be anything.
        let valued = command.options.filter { $0.valueName != nil && !$0.isValueOptional }
        let values = valued.map { option in
            "                \(option.names.joined(separator: "|"))) \(bashReply(option.completion)); return ;;"
        }
        let names = command.options.flatMap(\.names) + ["--help"]
        var lines = ["        \(command.name))"]
        if !values.isEmpty {
            lines += ["            [[ -z $ended ]] && case $prev in"] + values + ["            esac"]
        }
        lines.append("            options='\(names.joined(separator: " "))'")
        if let first = command.positionals.first, first.completion != .nothing {
            lines.append("            if [[ $cur != -* || -n $ended ]]; then")
            if case .words = first.completion {
                // Words for the first place; what they are about comes after it.
                lines.append(
                    "                if ((COMP_CWORD > 2)); then \(bashReply(.files)); else \(bashReply(first.completion)); fi"
                )
            } else {
                lines.append("                \(bashReply(first.completion))")
            }
            lines.append("            fi")
        }
        return (lines + ["            ;;"]).joined(separator: "\n")
    }

    private func bashReply(_ completion: Completion) -> String {
        switch completion {
        case .nothing: ":"
        case .files: "_\(name)_paths -f"
        case .folders: "_\(name)_paths -d"
        case .words(let words): "_\(name)_words '\(words.joined(separator: " "))'"
        }
    }
}
