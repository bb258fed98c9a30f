import Glibc

/// Debian's PyTorch, which some tests compare with where it is installed.
public enum PyTorch {
    /// A Python interpreter that has it; nil where the package `python3-torch` is not installed.
    public static let interpreter: String? = {
        let found = unsafe access("/usr/lib/python3/dist-packages/torch/__init__.py", R_OK) == 0
        return found ? "/usr/bin/python3" : nil
    }()
}
