"""A PDF that says to be two things at once: PDF/A-3a and PDF/UA-1. The only module that uses the insides of WeasyPrint.

`tests/cqp/documents/test_pdf_ua.py` says what breaks on an upgrade.

PDF/A wants every property of the XMP that its own schemas do not define to be described: `pdfuaid:part` is (ISO 19005-3,
6.6.2.3).
"""

from typing import Any

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
UA = "http://www.aiim.org/pdfua/ns/id/"

# Inside <rdf:RDF>, beside what WeasyPrint writes.
DESCRIPTIONS = f"""
<rdf:Description rdf:about="" xmlns:rdf="{RDF}" xmlns:pdfuaid="{UA}"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:rdf="{RDF}" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>{UA}</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
""".encode()
END = b"</rdf:RDF>"


def declare_pdf_ua(metadata: Any) -> Any:
    """Have a document's metadata, which declare PDF/A, declare PDF/UA-1 too. AssertionError when WeasyPrint changed."""
    generate_pdf_a = metadata.generate_rdf_metadata

    def generate(*args: Any, **kwargs: Any) -> bytes:
        rdf: bytes = generate_pdf_a(*args, **kwargs)
        assert rdf.count(END) == 1, rdf
        return rdf.replace(END, DESCRIPTIONS + END)

    metadata.generate_rdf_metadata = generate
    return metadata
