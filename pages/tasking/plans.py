"""What is to be done about a place, by whom and by when: Pursue, Prevent, Protect, Prepare."""

from datetime import datetime

from hotspot.ui import cached, controls, plans

chosen = controls.selection()
audience = controls.audience()
plans.show(cached.key(), chosen, audience, now=datetime.now())
