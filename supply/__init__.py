"""What the product is made of: pins with hashes, licences, the bill of materials, known vulnerabilities."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
