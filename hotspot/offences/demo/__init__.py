"""A synthetic force extract for the West Midlands, seeded, with planted truths (docs/demo.md)."""

from hotspot.offences.demo.extract import Demo, generate, write_demo, write_extract
from hotspot.offences.demo.parameters import Parameters, read_parameters

__all__ = ["Demo", "Parameters", "generate", "read_parameters", "write_demo", "write_extract"]
