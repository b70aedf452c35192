# ruff: noqa: E501  (the documents have long lines)
"""Class specifications written for the tests, in the layouts of the two agencies; the jobs are made up."""

DESCRIPTOR = """\
Logo

Lighthouse Keeper I (#Z10A)
$15.00-$20.00 hourly / $2,600.00-$3,466.67 monthly / $31,200.00-$41,600.00 annual


Lighthouse Keeper II (#Z10B)
$18.25-$24.05 hourly / $3,163.33-$4,168.67 monthly / $37,960.00-$50,024.00 annual


BASIC PURPOSE

Positions in this job family keep the lights of the coast burning.

TYPICAL FUNCTIONS

The functions within this job family will vary by level, but may include the following:

  • Trims wicks and cleans lenses.
  • Keeps the log of passing ships.

KNOWLEDGE, SKILLS, & ABILITIES

Level I:
Knowledge of lamp oils; and of coastal weather. Ability to climb stairs; and to keep awake at night.

Level II:
Those identified in Level I plus ability to repair the lens.

LEVEL DESCRIPTORS

The family has two levels.

Level I:
This is the basic level.

Level II:
This is the lead level.

MINIMUM QUALIFICATIONS

Level I:
Education and Experience requirements at this level consist of an associate’s degree and two years of experience in harbor work in areas such as signals or pilotage; or an equivalent combination of education and experience, substituting one year of qualifying experience for each year of the required degree.

Level II:
Education and Experience requirements at this level consist of those identified in Level I plus three additional years of qualifying experience.


CLASS: Z10A; EST: 3/1/2015; REV: 9/30/2024 9:00:00 AM;
CLASS: Z10B; EST: 3/1/2015; REV: 9/30/2024 9:00:00 AM;

Email: lights@example.gov | Phone: (555) 010-0199 | 9am - 4pm M-F | TTY: 1-800-555-0100 | Powered by JobAps
"""

SPECIFICATION = """\
Tide Clerk 2
Class Code: 999B
Category: Maritime Services
Class Series Concept
See Tide Clerk 1.
Definition
Keeps the tide tables of a district.
Distinguishing Characteristics
Works without daily review.
Typical Work
Reads tide gauges;
Publishes tables;
Performs other duties as required.
Knowledge and Abilities
Knowledge of: tides; tables and charts.
Ability to: read gauges; explain tables to the public.
Legal Requirement(s)
Persons legally authorized to work in the U.S. under federal law, including Deferred Action for Childhood Arrivals recipients, are eligible for employment unless prohibited by other state or federal law.
Desirable Qualifications
Two years as a Tide Clerk 1.
A pilot's licence.
Class Specification History
New class, adopted May 2, 2019, effective July 1, 2019.
Revised typical work, adopted June 1, 2023, effective July 1, 2023.
"""
