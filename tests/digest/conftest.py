"""What the tests of mails collect."""

import os

collect_ignore = [] if "SSE_VNU_JAR" in os.environ else ["test_nu.py"]
