"""Strings that try to become markup, mathematics, commands or requests."""

STRINGS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "</title></style><script>x</script>",
    "$\\input{/etc/passwd}$",
    "\\write18{touch owned}",
    "\\end{document} \\csname x\\endcsname ^^5cinput",
    "100 % of _a_ *b* ~c~ ^d & #e {f} | g ` h",
    "{{ 7 * 7 }} {% raw %} <<report>> <# x #>",
    "[here](javascript:alert(1)) ![x](http://example.org/x.png)",
    "line\n# heading\n```figure mlp_loss\n```\n- item",
    "]]> <!-- --> &lt; &#60;",
    "--- '' ,, `` << >>",
    "abc\u202edcba\u0000 \u2028 \ufeff",
    "眼底 😀 Żółć ŉ ﬁ ½ e\u0301 \u0416",
    "x" * 300,
)
