"""What every stage needs: errors for users, whole-or-nothing files, paths, run records, progress."""

from octrepro.core.errors import UserError

__all__ = ["UserError"]
