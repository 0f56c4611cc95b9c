from django.db import migrations


class Migration(migrations.Migration):
    """The communes are read from the file that is shipped: candidates/people/communes.py."""

    dependencies = [("candidates", "0019_accommodation_answer_text")]

    operations = [migrations.DeleteModel("Commune")]
