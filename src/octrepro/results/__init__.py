"""What a build found, computed once by the stage ``results``; claims, figures and report read its JSON."""
