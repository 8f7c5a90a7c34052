# Writes a file of a wheel to stdout: the one that is named, else the largest.
# Run as: python3 -c THIS WHEEL [MEMBER]
import shutil, sys, zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    largest = max(wheel.infolist(), key=lambda member: member.file_size)
    wanted = sys.argv[2] if len(sys.argv) > 2 else largest.filename
    if wanted not in wheel.namelist():
        sys.exit("it holds no " + wanted)
    with wheel.open(wanted) as data:
        shutil.copyfileobj(data, sys.stdout.buffer, 1 << 20)
