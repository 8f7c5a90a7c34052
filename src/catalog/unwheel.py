# Writes the largest file of a wheel to stdout. Run as: python3 -c THIS WHEEL
import shutil, sys, zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    largest = max(wheel.infolist(), key=lambda member: member.file_size)
    with wheel.open(largest) as data:
        shutil.copyfileobj(data, sys.stdout.buffer, 1 << 20)
