"""Makes and models, by how often the demo's vehicles have them."""

from __future__ import annotations

import numpy as np

# (make, model, share among vehicles parked, factor of being stolen whole)
_MODELS = (
    ("Ford", "Fiesta", 9.0, 1.6),
    ("Ford", "Focus", 6.5, 1.0),
    ("Ford", "Transit", 6.0, 1.5),
    ("Ford", "Kuga", 3.0, 1.1),
    ("Vauxhall", "Corsa", 7.5, 0.8),
    ("Vauxhall", "Astra", 5.5, 0.8),
    ("Vauxhall", "Insignia", 2.0, 0.6),
    ("Volkswagen", "Golf", 6.5, 1.3),
    ("Volkswagen", "Polo", 4.5, 0.7),
    ("Volkswagen", "Transporter", 2.0, 1.3),
    ("BMW", "1 Series", 3.5, 0.8),
    ("BMW", "3 Series", 4.0, 1.0),
    ("Audi", "A3", 4.0, 1.1),
    ("Audi", "A4", 2.5, 0.9),
    ("Mercedes-Benz", "A-Class", 3.5, 0.9),
    ("Mercedes-Benz", "Sprinter", 2.5, 1.2),
    ("Nissan", "Qashqai", 4.5, 0.7),
    ("Nissan", "Juke", 3.0, 0.7),
    ("Toyota", "Yaris", 3.5, 0.9),
    ("Toyota", "Prius", 2.0, 0.6),
    ("Kia", "Sportage", 2.5, 1.1),
    ("Hyundai", "Tucson", 2.0, 1.4),
    ("Range Rover", "Sport", 1.0, 3.5),
    ("Range Rover", "Evoque", 1.5, 2.5),
    ("Mini", "Hatch", 3.0, 0.6),
    ("Peugeot", "208", 2.5, 0.6),
    ("Honda", "Civic", 2.5, 0.7),
    ("Yamaha", "MT-07", 0.6, 3.0),
)
MAKES = np.array([model[0] for model in _MODELS], dtype=object)
MODELS = np.array([model[1] for model in _MODELS], dtype=object)
PARKED = np.array([model[2] for model in _MODELS])
STOLEN = PARKED * np.array([model[3] for model in _MODELS])
